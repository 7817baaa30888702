import { Injectable, Logger, StreamableFile } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Ctx } from '../common/context.js';
import { AppError } from '../common/errors.js';
import { toCsv } from './disclosures-csv.js';
import { DisclosuresService, type ReportRow } from './disclosures.service.js';
import { readPeriod } from './filters.js';
import type { DisclosureFilters } from './report.dto.js';

const PAGE = 1000;
const logger = new Logger('Export');

/** The report as a file. That it was asked for is recorded by the request's transaction, before the first byte leaves. */
@Injectable()
export class ExportService {
  constructor(private readonly sessions: DisclosuresService) {}

  async disclosures(ctx: Ctx, given: DisclosureFilters): Promise<StreamableFile> {
    const filters = { ...given, ...(await readPeriod(ctx.tx, given)) };
    const day = new Intl.DateTimeFormat('en-CA', { timeZone: ctx.actor.timeZone }).format();
    return new StreamableFile(toCsv(this.pages(ctx, filters)), {
      type: 'text/csv; charset=utf-8; header=present',
      disposition: `attachment; filename="assent-disclosures-${day}.csv"`,
    });
  }

  /**
   * All of it, a page after another, each in a transaction of its own: none is open while a page leaves, and who may no longer read gets no
   * further one. How it ended is recorded with the last page, in its transaction, or when the reader went away.
   */
  private async *pages(ctx: Ctx, filters: DisclosureFilters): AsyncGenerator<ReportRow[]> {
    const record = (tx: EntityManager, details: { complete: boolean; lines: number }): Promise<unknown> =>
      tx.query(`SELECT audit.record_read('export', 'exportDisclosures', NULL, $1, $2)`, [filters.patientId ?? null, details]);
    let last: ReportRow | undefined;
    let lines = 0;
    let isWhole = false;
    try {
      while (!isWhole) {
        const rows = await ctx.later(async (tx) => {
          const page = await this.sessions.page(tx, ctx.actor.clinicId, filters, PAGE, last?.session);
          if (page.length < PAGE) await record(tx, { complete: true, lines: lines + page.length });
          return page;
        });
        isWhole = rows.length < PAGE;
        last = rows.at(-1);
        lines += rows.length;
        yield rows;
      }
    } catch (error) {
      // The answer has begun, so that no problem can be sent any more, and nobody else logs a defect.
      if (!(error instanceof AppError)) logger.error(`exportDisclosures ${ctx.requestId}`, error instanceof Error ? error.stack : error);
      throw error;
    } finally {
      // Whose session has ended can't record any more: then nothing says that the file is whole.
      if (!isWhole) await ctx.later((tx) => record(tx, { complete: false, lines })).catch(() => undefined);
    }
  }
}
