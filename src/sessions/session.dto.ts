import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsOptional, IsString } from 'class-validator';
import { IsLine, IsProse } from '../common/input.js';
import { type Region, REGIONS, SEGMENTS, type Technique, TECHNIQUES } from '../screening/anatomy.js';
import { type Manipulation, SIDES } from './manipulation.entity.js';
import type { Session } from './session.entity.js';

export class StartSession {
  /** "Has anything changed since the screening?" was answered with no. */
  @IsBoolean()
  nothingChanged: boolean;

  /** "Are you still happy to go ahead?" was answered with yes. */
  @IsBoolean()
  stillConsents: boolean;
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
