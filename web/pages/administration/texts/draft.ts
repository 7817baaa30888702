import { createContext, useContext } from 'react';
import type { Problem } from '../../../api/problem.ts';

/** A text that is being written, for the fields below it. */
export interface Draft {
  readonly values: unknown;
  readonly set: (path: string, value: unknown) => void;
  /** Why the server refused it, until it is sent again. */
  readonly problem: Problem | undefined;
}

const DraftContext = createContext<Draft | undefined>(undefined);
export const DraftProvider = DraftContext.Provider;

export function useDraft(): Draft {
  const draft = useContext(DraftContext);
  if (!draft) throw new Error('A field of a draft stands below its provider.');
  return draft;
}
