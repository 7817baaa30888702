import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsOptional, IsString } from 'class-validator';
import { IsLine, IsProse, NeededUnless } from '../common/input.js';
import { type Region, REGIONS, SEGMENTS, type Technique, TECHNIQUES } from '../screening/anatomy.js';
import { type Manipulation, SIDES } from './manipulation.entity.js';
import type { Session } from './session.entity.js';

/** What the patient answered. A reported change and a doubt are recorded, and stay, although the session is refused. */
export class StartSession {
  /** "Has anything changed since the screening?" was answered with no. false needs `change`. */
  @IsBoolean()
  nothingChanged: boolean;

  /**
   * What has changed, in the patient's words. It ends the screening: 409 with `check.changed`.
   * @example A fall last week, and the neck hurts since.
   */
  @NeededUnless('nothingChanged')
  @IsString()
  @IsProse(2000)
  change?: string;

  /** "Are you still happy to go ahead?" was answered with yes. false needs `doubt`. */
  @IsBoolean()
  stillConsents: boolean;

  /**
   * What the patient said instead, in their words. It ends the consent: 409 with `check.consent-doubted`.
   * @example I want to think about the neck again.
   */
  @NeededUnless('stillConsents')
  @IsString()
  @IsProse(2000)
  doubt?: string;
}

export class RecordManipulation {
  @IsIn(REGIONS)
  region: Region;

  /**
   * A vertebra (C5), a motion segment (C5/C6), sacrum, or left_sacroiliac and right_sacroiliac.
   * @example C5/C6
   */
  @ApiProperty({ enum: SEGMENTS })
  @IsString()
  @IsLine(20)
  segment: string;

  @IsIn(TECHNIQUES)
  technique: Technique;

  @IsOptional()
  @IsIn(SIDES)
  side?: (typeof SIDES)[number];

  /** How the patient responded. */
  @IsOptional()
  @IsString()
  @IsProse(2000)
  response?: string;
}

export class ManipulationView {
  id: string;
  sessionId: string;
  region: Region;
  @ApiProperty({ enum: SEGMENTS })
  segment: string;
  technique: Technique;
  side: (typeof SIDES)[number] | null;
  response: string | null;
  performedAt: string;
}

export class SessionView {
  id: string;
  patientId: string;
  practitionerId: string;
  /** What permitted the session at the instant it started. */
  licenceId: string;
  screeningId: string;
  consentId: string;
  startedAt: string;
  /** Null while it is open. */
  endedAt: string | null;
  manipulations: ManipulationView[];
}

export class SessionList {
  items: SessionView[];
}

export function toManipulation(manipulation: Manipulation): ManipulationView {
  return {
    id: manipulation.id,
    sessionId: manipulation.sessionId,
    region: manipulation.region,
    segment: manipulation.segment,
    technique: manipulation.technique,
    side: manipulation.side,
    response: manipulation.response,
    performedAt: manipulation.performedAt.toISOString(),
  };
}

export interface SessionParts {
  session: Session;
  manipulations: Manipulation[];
}

export function toSession({ session, manipulations }: SessionParts): SessionView {
  return {
    id: session.id,
    patientId: session.patientId,
    practitionerId: session.practitionerId,
    licenceId: session.licenceId,
    screeningId: session.screeningId,
    consentId: session.consentId,
    startedAt: session.startedAt.toISOString(),
    endedAt: session.endedAt?.toISOString() ?? null,
    manipulations: manipulations.map(toManipulation),
  };
}
