import { Button, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, Fragment, useRef, useState } from 'react';
import { useAct } from '../../api/act.ts';
import { type Api, ask } from '../../api/client.ts';
import { useDraft } from '../../api/drafts.ts';
import { ProblemPanel } from '../../components/problem-panel.tsx';
import { Prose } from '../../components/prose.tsx';
import { StickyBar } from '../../components/sticky-bar.tsx';
import { listOf } from '../../messages/catalogue.ts';
import { t } from '../../messages/index.ts';
import { useTimes } from '../../time.ts';
import { patientKey } from '../patients/queries.ts';
import { Advice } from './advice.tsx';
import { type Draft, type DraftAnswer, EMPTY, isAdviceWhole, type Item, NOTHING_YET, toRequest, waitingFindings } from './draft.ts';
import { questionnaireQuery } from './queries.ts';
import { Question } from './question.tsx';
import classes from './question.module.css';

interface Props {
  readonly patientId: string;
  readonly questionnaire: Api['QuestionnaireView'];
  /** The patient's newest. */
  readonly last: Api['ScreeningView'] | undefined;
}

/** The questionnaire to fill in, question by question; those of a kind that are asked in one breath can be denied with one tap. */
export function Questions({ patientId, questionnaire: { id, introduction, items }, last }: Props) {
  const [draft, change, forget] = useDraft(`screening ${patientId}`, EMPTY);
  const form = useRef<HTMLFormElement>(null);
  /** What one tap denied last, by indexes. */
  const [answeredByTap, setAnsweredByTap] = useState<readonly number[]>([]);
  const navigate = useNavigate();
  const client = useQueryClient();
  const times = useTimes();
  const record = useAct(
    (body: Api['RecordScreening'], key) =>
      ask((api) => api.POST('/api/patients/{id}/screenings', { params: { path: { id: patientId } }, body }), key),
    {
      changes: [patientKey(patientId)],
      onDone: (screening) => {
        forget();
        void navigate({ to: '/patients/$patientId/screening', params: { patientId }, search: { screening: screening.id } });
      },
    },
  );
  const answered = items.map(({ code }) => draft.answers[code]?.answer !== undefined);
  const waiting = waitingFindings(items, draft);
  const adviceWhole = waiting === 0 || isAdviceWhole(draft.advice);
  const complete = answered.every(Boolean);

  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    const wrong = adviceFields(form.current).some(({ validity }) => !validity.valid);
    if (complete && adviceWhole && !wrong) record.run(toRequest(id, items, draft));
    else focusNext(form.current, items[answered.indexOf(false)]?.code);
  };
  const lastAnswer = (code: string) => {
    const answer = last?.answers.find((one) => one.code === code)?.answer;
    return (
      last && answer && t('screening.lastTime', { answer: t(`screening.${answer}`).toLowerCase(), date: times.date(last.performedAt) })
    );
  };
  const codesOf = (indexes: readonly number[]) => indexes.flatMap((index) => items[index]?.code ?? []);
  const answerNo = (indexes: readonly number[]) => {
    const codes = codesOf(indexes);
    change((now) => withAnswers(now, codes, ({ regions, note }) => ({ regions, note, answer: 'no' })));
    setAnsweredByTap(indexes);
    focusNext(form.current, items.find((item, index) => !answered[index] && !codes.includes(item.code))?.code);
  };
  // What was answered otherwise since stays.
  const undoable = answeredByTap.filter((index) => draft.answers[items[index]?.code ?? '']?.answer === 'no');
  const undo = () => {
    const codes = codesOf(undoable);
    change((now) => withAnswers(now, codes, ({ regions, note }) => ({ regions, note })));
    setAnsweredByTap([]);
    focusNext(form.current, codes[0]);
  };
  return (
    <form ref={form} onSubmit={onSubmit} noValidate>
      <Stack gap="md">
        <Text component="div" c="dimmed" maw="44rem">
          <Prose text={introduction} size="sm" />
        </Text>
        {items.map((item, index) => (
          <Fragment key={item.code}>
            <Question
              item={item}
              number={index + 1}
              value={draft.answers[item.code] ?? NOTHING_YET}
              last={lastAnswer(item.code)}
              onChange={(part) =>
                change((now) => ({
                  ...now,
                  answers: { ...now.answers, [item.code]: { ...NOTHING_YET, ...now.answers[item.code], ...part } },
                }))
              }
            />
            <AnswerRemainingNo open={openOfKind(items, draft, index)} onAnswerNo={answerNo} />
            {answeredByTap.at(-1) === index && undoable.length > 0 && (
              <Button variant="subtle" size="md" className={classes.remaining} onClick={undo}>
                {t('screening.undoDeny', { numbers: numbersOf(undoable) })}
              </Button>
            )}
          </Fragment>
        ))}
        {waiting > 0 && (
          <Advice
            count={waiting}
            value={draft.advice}
            onChange={(part) => change((now) => ({ ...now, advice: { ...now.advice, ...part } }))}
          />
        )}
        <ProblemPanel problem={record.problem} />
        {record.problem?.code === 'screening.questionnaire-replaced' && (
          <Button
            variant="default"
            w="fit-content"
            onClick={() => {
              record.reset();
              void client.invalidateQueries({ queryKey: questionnaireQuery.queryKey });
            }}
          >
            {t('screening.loadNew')}
          </Button>
        )}
        <StickyBar text={t('screening.progress', { answered: answered.filter(Boolean).length, total: items.length })} steps={answered}>
          <Button type="submit" loading={record.running} variant={complete && adviceWhole ? 'filled' : 'light'}>
            {t(!complete ? 'screening.toNext' : adviceWhole ? 'screening.record' : 'screening.toAdvice')}
          </Button>
        </StickyBar>
      </Stack>
    </form>
  );
}

function withAnswers(draft: Draft, codes: readonly string[], change: (answer: DraftAnswer) => DraftAnswer): Draft {
  const changed = codes.map((code) => [code, change(draft.answers[code] ?? NOTHING_YET)] as const);
  return { ...draft, answers: { ...draft.answers, ...Object.fromEntries(changed) } };
}

function numbersOf(indexes: readonly number[]): string {
  return listOf(indexes.map((index) => String(index + 1)));
}

interface RemainingProps {
  readonly open: readonly number[];
  readonly onAnswerNo: (indexes: readonly number[]) => void;
}

/** Below the last question of a kind: the patient says no to each of those that are still open. It names them. */
function AnswerRemainingNo({ open, onAnswerNo }: RemainingProps) {
  if (open.length < 2) return null;
  return (
    <Button variant="light" size="md" className={classes.remaining} onClick={() => onAnswerNo(open)}>
      {t('screening.denyRest', { numbers: numbersOf(open) })}
    </Button>
  );
}

/** Where a run of questions of the same kind ends: those of it that have no answer yet, by their indexes. */
function openOfKind(items: readonly Item[], { answers }: Draft, last: number): number[] {
  const kind = kindOf(items[last]);
  if (kind === kindOf(items[last + 1])) return [];
  const before = items.slice(0, last).findLastIndex((item) => kindOf(item) !== kind);
  return items.flatMap(({ code }, index) => (index > before && index <= last && answers[code]?.answer === undefined ? [index] : []));
}

function kindOf(item: Item | undefined): string | undefined {
  return item && `${item.effect} ${String(item.urgentAction !== null)}`;
}

function adviceFields(form: HTMLFormElement | null): (HTMLInputElement | HTMLTextAreaElement)[] {
  return [...(form?.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('#advice input:not([type=hidden]), #advice textarea') ?? [])];
}

/** To the first question without an answer, or to what the advice lacks or has wrong. */
function focusNext(form: HTMLFormElement | null, code: string | undefined): void {
  const missing = code
    ? form?.querySelector<HTMLElement>(`[data-question="${code}"] input`)
    : adviceFields(form).find(({ value, validity }) => value.trim() === '' || !validity.valid);
  missing?.focus();
  missing?.scrollIntoView({ block: 'center' });
}
