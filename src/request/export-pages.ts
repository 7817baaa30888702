import { Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { AuditAction, Ctx } from '../common/context.js';
import { AppError } from '../common/errors.js';

const logger = new Logger('Export');

interface Page<T> {
  readonly content: T;
  /** Records or lines, as they are counted in the audit trail. */
  readonly count: number;
  readonly isLast: boolean;
}

interface Export<T> {
  readonly action: AuditAction;
  readonly patientId: string | undefined;
  readonly read: (tx: EntityManager) => Promise<Page<T>>;
}

/**
 * An export that leaves a page after another, each read in a transaction of its own: none is open while a page is on its way, and who may no
 * longer read gets no further one. How it ended is recorded with the last page, in its transaction, or when the reader went away.
 */
export async function* exportPages<T>({ later, requestId }: Ctx, { action, patientId, read }: Export<T>): AsyncGenerator<T> {
  let lines = 0;
  let isWhole = false;
  try {
    while (!isWhole) {
      const page = await later(async (ctx) => {
        const page = await read(ctx.tx);
        if (page.isLast) ctx.saw(action, { patientId, details: { complete: true, lines: lines + page.count } });
        return page;
      });
      isWhole = page.isLast;
      lines += page.count;
      yield page.content;
    }
  } catch (error) {
    // The response has begun, so that no problem can be sent any more, and nobody else logs a defect.
    if (!(error instanceof AppError)) logger.error(`${action.subject} ${requestId}`, error instanceof Error ? error.stack : error);
    throw error;
  } finally {
    // After the login has ended nothing can be recorded: then nothing says that the file is whole.
    if (!isWhole) await later(async (ctx) => ctx.saw(action, { patientId, details: { complete: false, lines } })).catch(() => undefined);
  }
}
