import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { asProblem, type Problem } from './problem.ts';

interface Options<Values, Result> {
  readonly onDone?: (result: Result, values: Values) => void;
  /** Keys of the queries whose answers the act changes: `[['patients'], ['today']]`. */
  readonly changes?: readonly (readonly unknown[])[];
  /** Keys of the queries whose answers change where it is refused: something was recorded with the refusal. */
  readonly changesRefused?: readonly (readonly unknown[])[];
  /** Says at its fields what the server refuses of them, until they are changed. */
  readonly form?: { readonly setErrors: (errors: Record<string, string>) => void };
}

export interface Act<Values, Result> {
  readonly run: (values: Values) => void;
  readonly running: boolean;
  /** Why it was refused, until the next run. */
  readonly problem: Problem | undefined;
  readonly result: Result | undefined;
  readonly reset: () => void;
}

/**
 * Something that the person does: `const register = useAct((values: Values) => ask((api) => api.POST(…)))`. Where the answer may be
 * lost after the server did it, `useAct((values, key) => ask(…, key))`: the same values tried again are the same request, done once.
 */
export function useAct<Values = void, Result = unknown>(
  act: (values: Values, key: string) => Promise<Result>,
  { onDone, changes = [], changesRefused = [], form }: Options<Values, Result> = {},
): Act<Values, Result> {
  const client = useQueryClient();
  const tried = useRef<{ readonly values: string; readonly key: string }>(undefined);
  const busy = useRef(false);
  const { mutate, isPending, error, data, reset } = useMutation<Result, unknown, Values>({
    mutationFn: (values) => {
      const written = JSON.stringify(values) ?? '';
      if (tried.current?.values !== written) tried.current = { values: written, key: crypto.randomUUID() };
      return act(values, tried.current.key);
    },
    onSuccess: async (result, values) => {
      tried.current = undefined;
      await Promise.all(changes.map((queryKey) => client.invalidateQueries({ queryKey })));
      onDone?.(result, values);
    },
    onError: (error) => {
      form?.setErrors(asProblem(error).byField());
      for (const queryKey of changesRefused) void client.invalidateQueries({ queryKey });
    },
    onSettled: () => {
      busy.current = false;
    },
  });
  // A second tap comes before the button is drawn as busy.
  const run = (values: Values) => {
    if (busy.current) return;
    busy.current = true;
    mutate(values);
  };
  return { run, running: isPending, problem: error ? asProblem(error) : undefined, result: data, reset };
}
