import type { Region } from '../../anatomy.ts';
import type { Api } from '../../api/client.ts';
import { useDraft } from '../../api/drafts.ts';
import type { PatientWords } from '../../messages/patient/index.ts';

/** All that the decider's turn shows: gathered before the tablet is handed over, because nothing can be asked of the server then. */
export interface Turn {
  readonly patientId: string;
  readonly patientName: string;
  readonly discussion: Api['DiscussionView'];
  readonly disclosure: Api['DisclosureView'];
  /** Undefined: the patient decides. */
  readonly representative: Api['RepresentativeView'] | undefined;
  readonly deciderName: string;
  /** Of the regions discussed, those that can be chosen now. */
  readonly choosable: readonly Region[];
  /** Every risk was discussed, and what must be confirmed is: a yes can be recorded. */
  readonly canAgree: boolean;
  readonly witness: boolean;
  readonly confirmed: Confirmed;
  readonly words: PatientWords;
  /** Who handed it over; nobody else gets it back. */
  readonly practitionerId: string;
}

/** What the practitioner confirmed before. */
export interface Confirmed {
  readonly capacityConfirmed: boolean;
  readonly alternativesDiscussed: boolean;
  readonly rightToWithdrawTold: boolean;
}

type Signature = Api['Signature'];

/** What the decider did, as they left the tablet. */
export interface Made {
  readonly agreed: readonly Region[];
  readonly teachBack: string;
  readonly signature?: Signature | undefined;
  readonly witness?: Signature | undefined;
}

/** The decision as the API takes it. */
export function toRequest({ representative, confirmed }: Turn, { agreed, teachBack, signature, witness }: Made): Api['RecordDecision'] {
  const given = agreed.length > 0;
  return {
    decision: given ? 'given' : 'refused',
    ...(given ? { regions: [...agreed] } : {}),
    decidedBy: representative ? { kind: 'representative', id: representative.id } : { kind: 'patient' },
    ...confirmed,
    ...(teachBack.trim() ? { teachBack } : {}),
    ...(signature ? { signature } : {}),
    ...(witness ? { witness } : {}),
  };
}

/** Steps of the turn, in order; who says no ends it with another. */
export const STEPS = ['about', 'risks', 'decide', 'sign'] as const;
export type Step = (typeof STEPS)[number] | 'refuse';
export type Choice = 'all' | 'part' | 'no';

export function nextStep(step: Step): Step {
  return STEPS[STEPS.indexOf(step as (typeof STEPS)[number]) + 1] ?? 'sign';
}

export function stepBefore(step: Step): Step {
  if (step === 'refuse') return 'decide';
  return STEPS[STEPS.indexOf(step) - 1] ?? 'about';
}

/** What the decider wants of the practitioner, and where they were. */
export interface Asked {
  readonly question: string;
  readonly place: string;
}

/** How far the decider is, and what they did so far. */
export interface Progress {
  readonly step: Step;
  readonly choice?: Choice;
  /** The regions chosen, where they agree to a part. */
  readonly part: readonly Region[];
  readonly teachBack: string;
  readonly asked?: Asked | undefined;
  readonly made?: Made | undefined;
}

const BEGINNING: Progress = { step: 'about', part: [], teachBack: '' };

/** Kept as a draft of the practitioner's, so that a reload of the locked tablet loses nothing. */
export function useProgress({ discussion, representative }: Pick<Turn, 'discussion' | 'representative'>) {
  return useDraft(`turn ${discussion.id} ${representative?.id ?? 'patient'}`, BEGINNING);
}
