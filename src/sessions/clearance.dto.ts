import type { Region, Technique } from '../screening/anatomy.js';
import type { Clearance } from './clearance.service.js';
import { GATE_RULES } from './session.rules.js';

export class BlockerView {
  /** @example consent.withdrawn */
  code: string;
  message: string;
  /** What to do about it. */
  remedy: string;
}

export class PermitView {
  /** For a licence: valid, none, not-yet-valid, expired, revoked. For a screening: cleared, cleared_with_precautions, none, expired, referred, change-reported, unlicensed. For a consent: in_force, none, refused, expired, withdrawn, replaced, outdated, unrepresented, doubted, unlicensed. */
  state: string;
  since: string | null;
  until: string | null;
}

export class ClearanceView {
  /** A session may start now. */
  allowed: boolean;
  /** Your own licence. */
  licence: PermitView;
  screening: PermitView;
  consent: PermitView;
  blockers: BlockerView[];
  clearedRegions: Region[];
  consentedRegions: Region[];
  consentedTechniques: Technique[];
  /** Risks that the latest screening adds and that weren't discussed before the consent. */
  undiscussedRisks: string[];
  openSessionId: string | null;
}

export function toClearance(clearance: Clearance): ClearanceView {
  return {
    allowed: clearance.allowed,
    licence: toPermit(clearance.licence_state, clearance.licence_since, clearance.licence_until),
    screening: toPermit(clearance.screening_state, clearance.screening_since, clearance.screening_until),
    consent: toPermit(clearance.consent_state, clearance.consent_since, clearance.consent_until),
    blockers: clearance.blockers.map((code) => GATE_RULES.blocker(code)),
    clearedRegions: clearance.cleared_regions,
    consentedRegions: clearance.consented_regions,
    consentedTechniques: clearance.consented_techniques,
    undiscussedRisks: clearance.undiscussed_risks,
    openSessionId: clearance.open_session_id,
  };
}

function toPermit(state: string, since: Date | null, until: Date | null): PermitView {
  return { state, since: since?.toISOString() ?? null, until: until?.toISOString() ?? null };
}
