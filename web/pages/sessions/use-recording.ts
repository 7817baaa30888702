import { useQueryClient } from '@tanstack/react-query';
import { useMemo, useRef, useState } from 'react';
import { TECHNIQUES, type Technique } from '../../anatomy.ts';
import { useAct } from '../../api/act.ts';
import { type Api, ask } from '../../api/client.ts';
import { useDraft } from '../../api/drafts.ts';
import { notifyDone } from '../../components/notify-done.ts';
import { t } from '../../messages/index.ts';
import { patientKey } from '../patients/queries.ts';
import { describe, keyOf, type Manipulation, type Target } from './levels.ts';
import { sessionQuery } from './queries.ts';
import type { Standing } from './spine.tsx';
import { useTechnique } from './technique.ts';

export type Recording = ReturnType<typeof useRecording>;

/** What is chosen on the chart and typed beside it, and the act that records it. All of it stays until the server has it. */
export function useRecording(session: Api['SessionView'], standing: Standing) {
  const client = useQueryClient();
  const [target, setTarget] = useState<Target>();
  const [response, setResponse, forgetResponse] = useDraft(`response ${session.id}`, '');
  const chart = useRef<HTMLElement>(null);
  const submit = useRef<HTMLButtonElement>(null);
  const keyboard = useRef(false);
  const { techniqueFor, choose } = useTechnique(session.patientId, session.manipulations);
  const techniques = techniquesIn(standing, target);
  const technique = techniqueFor(target, techniques);

  // What the server answered is what is shown: to fetch the session again would be a look more, and keep the next tap waiting.
  const take = (done: Manipulation) => {
    client.setQueryData(
      sessionQuery(session.id).queryKey,
      (known) => known && { ...known, manipulations: [...known.manipulations.filter(({ id }) => id !== done.id), done] },
    );
    void client.invalidateQueries({ queryKey: patientKey(session.patientId), refetchType: 'none' });
  };
  const act = useAct(
    (body: Api['RecordManipulation'], key) =>
      ask((api) => api.POST('/api/sessions/{id}/manipulations', { params: { path: { id: session.id } }, body }), key),
    {
      onDone: (done) => {
        take(done);
        const place = chart.current?.querySelector<HTMLElement>('[aria-pressed=true]');
        notifyDone(t('sessions.recordedNow', { what: describe(done) }));
        setTarget(undefined);
        forgetResponse();
        // Keyboard users continue where they were.
        if (keyboard.current) place?.focus({ preventScroll: true });
      },
    },
  );

  const counts = useMemo(() => {
    const found = new Map<string, number>();
    for (const one of session.manipulations) found.set(keyOf(one), (found.get(keyOf(one)) ?? 0) + 1);
    return found;
  }, [session.manipulations]);

  return {
    chart,
    submit,
    target,
    technique,
    techniques,
    choose,
    response,
    setResponse: (text: string) => setResponse(() => text),
    counts,
    running: act.running,
    problem: act.problem,
    pick: (picked: Target, byKeyboard: boolean) => {
      if (act.running || standing.over) return;
      act.reset();
      setTarget(picked);
      keyboard.current = byKeyboard;
      requestAnimationFrame(() => {
        // On a small screen what is being recorded would lie above it.
        chart.current?.querySelector('[aria-pressed=true]')?.scrollIntoView({ block: 'nearest' });
        if (byKeyboard) submit.current?.focus();
      });
    },
    record: () => {
      if (!target || !technique || act.running) return;
      const { region, segment, side } = target;
      const said = response.trim();
      act.run({ region, segment, technique, ...(side ? { side } : {}), ...(said ? { response: said } : {}) });
    },
  };
}

/** Those of the region, or before one is chosen those of any. */
function techniquesIn({ regions }: Standing, target: Target | undefined): readonly Technique[] {
  const here = regions.filter(({ region }) => target === undefined || region === target.region);
  const found = new Set(here.flatMap((one) => one.techniques));
  return TECHNIQUES.filter((technique) => found.has(technique));
}
