import type { Region } from '../../anatomy.ts';
import type { Api } from '../../api/client.ts';

export type Item = Api['QuestionnaireItem'];
export type Answer = Api['ScreeningAnswer']['answer'];

export interface DraftAnswer {
  readonly answer?: Answer;
  readonly regions: readonly Region[];
  readonly note: string;
}

export interface DraftAdvice {
  readonly given: boolean;
  readonly name: string;
  readonly profession: string;
  readonly date: string;
  readonly text: string;
}

export interface Draft {
  readonly answers: Readonly<Record<string, DraftAnswer>>;
  readonly advice: DraftAdvice;
}

export const NOTHING_YET: DraftAnswer = { regions: [], note: '' };
export const EMPTY: Draft = { answers: {}, advice: { given: false, name: '', profession: '', date: '', text: '' } };

/** Whether the question asks for regions, after this answer. */
export function asksRegions({ namedRegions }: Item, answer: Answer | undefined): boolean {
  if (namedRegions === 'narrow') return answer === 'yes';
  return namedRegions === 'absolute' && (answer === 'yes' || answer === 'unsure');
}

/** What is waited for, besides the answers, where advice was given. */
export function isAdviceWhole({ given, name, profession, date, text }: DraftAdvice): boolean {
  return !given || [name, profession, date, text].every((field) => field.trim() !== '');
}

/** How many answers are findings that medical advice or an approval can clear. */
export function waitingFindings(items: readonly Item[], { answers }: Draft): number {
  return items.filter(({ code, effect }) => effect === 'relative' && ['yes', 'unsure'].includes(answers[code]?.answer ?? '')).length;
}

/** The draft as the API takes it, once every question is answered. */
export function toRequest(questionnaireId: string, items: readonly Item[], draft: Draft): Api['RecordScreening'] {
  const { given, ...advice } = draft.advice;
  return {
    questionnaireId,
    answers: items.map((item) => {
      const { answer = 'unsure', regions, note } = draft.answers[item.code] ?? NOTHING_YET;
      return {
        code: item.code,
        answer,
        ...(asksRegions(item, answer) && regions.length > 0 ? { regions: [...regions] } : {}),
        ...(answer !== 'no' && note.trim() ? { note } : {}),
      };
    }),
    ...(given && waitingFindings(items, draft) > 0 ? { advice } : {}),
  };
}
