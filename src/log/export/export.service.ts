import { Readable } from 'node:stream';
import { Injectable, StreamableFile } from '@nestjs/common';
import { EXPORT } from '../../audit/actions.js';
import type { Ctx } from '../../common/context.js';
import { readPeriod } from '../../common/period.js';
import { exportPages } from '../../request/export-pages.js';
import type { ExportQuery } from '../log.dto.js';
import { LogService, queryOf } from '../log.service.js';
import { LogExport, type Scope } from './log-export.js';

/** A clinic's own events as a file that can be verified anywhere. That it was asked for is recorded before the first byte leaves. */
@Injectable()
export class LogExportService {
  constructor(private readonly log: LogService) {}

  async export(ctx: Ctx, query: ExportQuery): Promise<StreamableFile> {
    const { clinicId, clinicName, timeZone } = ctx.actor;
    const { note } = await this.log.checkpoint(queryOf(ctx.tx));
    const { from = null, until = null } = await readPeriod(ctx.tx, query);
    const scope = { clinic: { id: clinicId, name: clinicName }, patientId: query.patientId ?? null, period: { from, until } };
    ctx.saw(EXPORT.events, { patientId: query.patientId, details: { filters: query } });
    const day = new Intl.DateTimeFormat('en-CA', { timeZone }).format();
    return new StreamableFile(Readable.from(this.lines(ctx, note, scope)), {
      type: 'application/x-ndjson',
      disposition: `attachment; filename="assent-log-${day}.ndjson"`,
    });
  }

  private async *lines(ctx: Ctx, note: string, scope: Scope): AsyncGenerator<string> {
    const file = new LogExport(note, scope);
    yield file.header();
    yield* exportPages(ctx, {
      action: EXPORT.events,
      patientId: scope.patientId ?? undefined,
      read: async (tx) => {
        const before = file.events;
        const { lines, isLast } = await file.page(queryOf(tx));
        return { content: lines, count: file.events - before, isLast };
      },
    });
  }
}
