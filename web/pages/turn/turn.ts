import type { Region } from '../../anatomy.ts';
import type { Api } from '../../api/client.ts';
import { useDraft } from '../../api/drafts.ts';
import type { PatientWords } from '../../messages/patient/index.ts';
import { advance, BEGINNING, type Made, type TurnEvent } from './progress.ts';

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

/** Kept as a draft of the practitioner's, so that a reload of the locked tablet loses nothing. */
export function useProgress(
  { discussion, representative, choosable }: Pick<Turn, 'discussion' | 'representative' | 'choosable'>,
  witness: boolean,
) {
  const [progress, change, forget] = useDraft(`turn ${discussion.id} ${representative?.id ?? 'patient'}`, BEGINNING);
  const dispatch = (event: TurnEvent) => change((now) => advance(now, event, { choosable, witness }));
  return [progress, dispatch, forget] as const;
}
