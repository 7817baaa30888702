import { Transform } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';

export class CheckpointQuery {
  /** The size of a log that you know: you get the proof that this one continues it. */
  @IsOptional()
  @Transform(({ value }) => (/^\d{1,16}$/.test(value as string) ? Number(value) : value))
  @IsInt({ message: 'must be a number of entries' })
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  from?: number;
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
