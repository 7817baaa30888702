import type { components } from '../../api/schema.ts';

type Signature = components['schemas']['Signature'];
type Region = components['schemas']['RecordManipulation']['region'];

/** The steps of the turn, in order; a decider who says no ends with another. */
export const STEPS = ['about', 'risks', 'decide', 'sign'] as const;
export type Step = (typeof STEPS)[number] | 'refuse';
export type Choice = 'all' | 'part' | 'no';

/** What the decider did, as they left the tablet. */
export interface Made {
  readonly agreed: readonly Region[];
  readonly teachBack: string;
  readonly signature?: Signature | undefined;
  readonly witness?: Signature | undefined;
}

/** The decider's question for the practitioner, and the page on which they asked. */
export interface Asked {
  readonly question: string;
  readonly place: string;
}

/** How far the decider is, and what they did so far. */
export interface Progress {
  readonly step: Step;
  readonly choice?: Choice | undefined;
  /** The regions chosen, where they agree to a part. */
  readonly part: readonly Region[];
  readonly teachBack: string;
  /** They are writing a question. */
  readonly asking: boolean;
  /** They have signed, and the witness hasn't. */
  readonly signature?: Signature | undefined;
  /** Why they can't continue yet. */
  readonly missing?: 'chooseParts' | 'wordsMissing' | undefined;
  /** Either of these ends the turn: the tablet goes back to the practitioner. */
  readonly asked?: Asked | undefined;
  readonly made?: Made | undefined;
}

export const BEGINNING: Progress = { step: 'about', part: [], teachBack: '', asking: false };

export type TurnEvent =
  | { readonly type: 'handed-over' }
  | { readonly type: 'next' }
  | { readonly type: 'back' }
  | { readonly type: 'chose'; readonly choice: Choice }
  | { readonly type: 'chose-part'; readonly part: readonly Region[] }
  | { readonly type: 'wrote'; readonly teachBack: string }
  | { readonly type: 'signed'; readonly signature: Signature }
  | { readonly type: 'witnessed'; readonly signature: Signature }
  | { readonly type: 'confirmed-no' }
  | { readonly type: 'wants-to-ask' }
  | { readonly type: 'rather-not' }
  | { readonly type: 'asked'; readonly asked: Asked }
  | { readonly type: 'changed-their-mind' };

/** What the turn depends on, fixed when the tablet is handed over. */
export interface Terms {
  /** Of the regions discussed, those that can be chosen now, from the head downwards. */
  readonly choosable: readonly Region[];
  /** Somebody signs as a witness. */
  readonly witness: boolean;
}

/** The turn from one event to the next. What doesn't belong to the present step changes nothing. */
export function advance(now: Progress, event: TurnEvent, terms: Terms): Progress {
  switch (event.type) {
    case 'handed-over':
      // After a reload the decider repeats what was half done; and decides again, if the regions that they chose aren't cleared any more.
      return {
        ...now,
        step: now.step === 'sign' && agreedRegions(now, terms).length === 0 ? 'decide' : now.step,
        asking: false,
        signature: undefined,
        missing: undefined,
        asked: undefined,
      };
    case 'next':
      if (now.step === 'decide' && agreedRegions(now, terms).length === 0) return { ...now, missing: 'chooseParts' };
      return { ...now, missing: undefined, step: stepAfter(now.step) };
    case 'back':
      return { ...now, missing: undefined, step: stepBefore(now.step) };
    case 'chose':
      // To agree to a part asks for the parts; the other answers are whole.
      return {
        ...now,
        missing: undefined,
        choice: event.choice,
        step: ({ all: 'sign', part: 'decide', no: 'refuse' } as const)[event.choice],
      };
    case 'chose-part':
      return { ...now, part: event.part };
    case 'wrote':
      return { ...now, teachBack: event.teachBack };
    case 'signed':
      if (now.step !== 'sign' || agreedRegions(now, terms).length === 0) return now;
      if (now.teachBack.trim() === '') return { ...now, missing: 'wordsMissing' };
      if (terms.witness) return { ...now, missing: undefined, signature: event.signature };
      return finished(now, terms, event.signature);
    case 'witnessed':
      return now.signature ? finished(now, terms, now.signature, event.signature) : now;
    case 'confirmed-no':
      return now.step === 'refuse' ? { ...now, made: { agreed: [], teachBack: '' } } : now;
    case 'wants-to-ask':
      return { ...now, asking: true };
    case 'rather-not':
      return { ...now, asking: false };
    case 'asked':
      return { ...now, asking: false, asked: event.asked };
    case 'changed-their-mind':
      return { ...now, made: undefined, step: 'decide' };
    default:
      return event satisfies never;
  }
}

/** A decider who changes their mind afterwards signs again. */
function finished(now: Progress, terms: Terms, signature: Signature, witness?: Signature): Progress {
  const made = { agreed: agreedRegions(now, terms), teachBack: now.teachBack, signature, witness };
  return { ...now, missing: undefined, signature: undefined, made };
}

/** The regions that the choice agrees to. */
export function agreedRegions({ choice, part }: Pick<Progress, 'choice' | 'part'>, { choosable }: Pick<Terms, 'choosable'>): Region[] {
  if (choice === 'all') return [...choosable];
  return choice === 'part' ? choosable.filter((region) => part.includes(region)) : [];
}

function stepAfter(step: Step): Step {
  if (step === 'refuse') return step;
  return STEPS[STEPS.indexOf(step) + 1] ?? 'sign';
}

function stepBefore(step: Step): Step {
  if (step === 'refuse') return 'decide';
  return STEPS[STEPS.indexOf(step) - 1] ?? 'about';
}
