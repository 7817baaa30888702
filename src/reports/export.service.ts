import { Injectable, StreamableFile } from '@nestjs/common';
import { EXPORT } from '../audit/actions.js';
import type { Ctx } from '../common/context.js';
import { readPeriod } from '../common/period.js';
import { exportPages } from '../request/export-pages.js';
import { toCsv } from './disclosures-csv.js';
import { DisclosuresService, type ReportRow } from './disclosures.service.js';
import type { DisclosureFilters } from './report.dto.js';

const PAGE = 1000;

/** The report as a file. That it was asked for is recorded before the first byte leaves. */
@Injectable()
export class ExportService {
  constructor(private readonly sessions: DisclosuresService) {}

  async disclosures(ctx: Ctx, given: DisclosureFilters): Promise<StreamableFile> {
    const filters = { ...given, ...(await readPeriod(ctx.tx, given)) };
    ctx.saw(EXPORT.sessions, { patientId: given.patientId, details: { filters: given } });
    const day = new Intl.DateTimeFormat('en-CA', { timeZone: ctx.actor.timeZone }).format();
    return new StreamableFile(toCsv(this.pages(ctx, filters)), {
      type: 'text/csv; charset=utf-8; header=present',
      disposition: `attachment; filename="assent-disclosures-${day}.csv"`,
    });
  }

  private pages(ctx: Ctx, filters: DisclosureFilters): AsyncGenerator<ReportRow[]> {
    let last: ReportRow | undefined;
    return exportPages(ctx, {
      action: EXPORT.sessions,
      patientId: filters.patientId,
      read: async (tx) => {
        const content = await this.sessions.page(tx, ctx.actor.clinicId, filters, PAGE, last?.session);
        last = content.at(-1);
        return { content, count: content.length, isLast: content.length < PAGE };
      },
    });
  }
}
