import { Transform } from 'class-transformer';
import { IsInt, IsOptional, IsUUID, Max, Min } from 'class-validator';
import { IsDateOrInstant } from '../common/input.js';

export class CheckpointQuery {
  /** The size of a log that you know: you get the proof that this one continues it. */
  @IsOptional()
  @Transform(({ value }) => (/^\d{1,16}$/.test(value as string) ? Number(value) : value))
  @IsInt({ message: 'must be a number of entries' })
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  from?: number;
}

export class ExportQuery {
  /** Only what concerns this patient's record. */
  @IsOptional()
  @IsUUID()
  patientId?: string;

  /** A date in the clinic's time zone, or an instant. */
  @IsOptional()
  @IsDateOrInstant()
  from?: string;

  /** The last day, or the instant before which it was. */
  @IsOptional()
  @IsDateOrInstant()
  until?: string;
}

export class AnchorView {
  /** @example https://anchor.example/assent */
  name: string;
  /** How many entries the last checkpoint had that it got. Null: none yet. */
  size: number | null;
  anchoredAt: string | null;
  /** Null: all is well. */
  problem: string | null;
}

export class LogView {
  /** The log's name. */
  origin: string | null;
  /** The public key, as golang.org/x/mod/sumdb/note writes it. Who verifies should have it from elsewhere. */
  publicKey: string | null;
  /** How many events are in the log, of all clinics on this database. */
  size: number;
  /** When the last checkpoint was signed. Null: nothing was yet. */
  signedAt: string | null;
  /** How many recorded events aren't in the log yet; usually those of the last second. */
  waiting: number;
  /** Since when the oldest of them waits. */
  waitingSince: string | null;
  /** The log doesn't fit to what was signed before, and isn't signed on until somebody has found out why. */
  halted: boolean;
  /** What is wrong. Null: nothing. */
  problem: string | null;
  anchors: AnchorView[];
}

export class VerificationFinding {
  /** What it is, by a name with which it can be found. */
  subject: string;
  /** What is wrong with it. */
  problem: string;
}

export class VerificationView {
  id: string;
  requestedAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  /**
   * waiting: for a server that is at leisure. running. interrupted: the server that did it is gone, ask for another one. failed: `problem`
   * says why. clean: everything is as it was recorded. altered: see `findings`.
   */
  state: 'waiting' | 'running' | 'interrupted' | 'failed' | 'clean' | 'altered';
  /** What is being looked at: the log, what waits for it, what is known outside, or the tables' rows. */
  phase: 'log' | 'waiting' | 'anchors' | 'rows' | null;
  done: number;
  total: number;
  /** How many entries of the log were verified. */
  entries: number | null;
  /** How many rows were compared with their events. */
  rows: number | null;
  /** How many signed states from outside the database were compared. 0: nobody outside bears witness. */
  anchored: number | null;
  problem: string | null;
  /** The first 1,000 that concern this clinic or the log as a whole. */
  findings: VerificationFinding[];
  /** What was found in all, other clinics of this database included. */
  findingCount: number;
}

export class VerificationList {
  items: VerificationView[];
}
