import { Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Ctx } from '../common/context.js';
import { AppError } from '../common/errors.js';

const logger = new Logger('Export');

interface Page<T> {
  readonly content: T;
  /** Records or lines, as they are counted in the record of the export. */
  readonly count: number;
  readonly isLast: boolean;
}

interface Export<T> {
  /** The route's name. */
  readonly operation: string;
  readonly patientId: string | undefined;
  readonly read: (tx: EntityManager) => Promise<Page<T>>;
}

/**
 * An export that leaves a page after another, each read in a transaction of its own: none is open while a page is on its way, and who may no
 * longer read gets no further one. How it ended is recorded with the last page, in its transaction, or when the reader went away.
 */
export async function* exportPages<T>({ later, requestId }: Ctx, { operation, patientId, read }: Export<T>): AsyncGenerator<T> {
  const record = (tx: EntityManager, details: { complete: boolean; lines: number }): Promise<unknown> =>
    tx.query(`SELECT audit.record_read('export', $1, NULL, $2, $3)`, [operation, patientId ?? null, details]);
  let lines = 0;
  let isWhole = false;
  try {
    while (!isWhole) {
      const page = await later(async (tx) => {
        const page = await read(tx);
        if (page.isLast) await record(tx, { complete: true, lines: lines + page.count });
        return page;
      });
      isWhole = page.isLast;
      lines += page.count;
      yield page.content;
    }
  } catch (error) {
    // The answer has begun, so that no problem can be sent any more, and nobody else logs a defect.
    if (!(error instanceof AppError)) logger.error(`${operation} ${requestId}`, error instanceof Error ? error.stack : error);
    throw error;
  } finally {
    // Whose session has ended can't record any more: then nothing says that the file is whole.
    if (!isWhole) await later((tx) => record(tx, { complete: false, lines })).catch(() => undefined);
  }
}
