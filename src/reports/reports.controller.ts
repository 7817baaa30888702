import { Controller, Get, Query, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import { Allow, Context, type Ctx } from '../common/context.js';
import { DisclosuresService } from './disclosures.service.js';
import { ExportService } from './export.service.js';
import { RefusalsService } from './refusals.service.js';
import {
  DisclosureFilters,
  type DisclosurePage,
  DisclosureQuery,
  type RefusalPage,
  RefusalQuery,
  toDisclosureRow,
  toRefusalRow,
} from './report.dto.js';
import { type DisclosureTotals, toTotals } from './totals.dto.js';
import { TotalsService } from './totals.service.js';

@ApiTags('reports')
@Controller('reports')
export class ReportsController {
  constructor(
    private readonly disclosures: DisclosuresService,
    private readonly refusals: RefusalsService,
    private readonly totals: TotalsService,
    private readonly exports: ExportService,
  ) {}

  /** The sessions of a period, newest first, each with its consent and every risk that was discussed before it. Whom it showed is recorded. */
  @Get('disclosures')
  @Allow('report.read')
  async listDisclosures(@Context() ctx: Ctx, @Query() query: DisclosureQuery): Promise<DisclosurePage> {
    const { rows, nextCursor } = await this.disclosures.find(ctx, query);
    return { items: rows.map(toDisclosureRow), nextCursor };
  }

  /**
   * How many sessions there were, and whether every one was covered: each is checked again from the records of licences, screenings, consents
   * and discussed risks. Takes seconds where there are hundreds of thousands.
   */
  @Get('disclosures/totals')
  @Allow('report.read')
  async countDisclosures(@Context() ctx: Ctx, @Query() filters: DisclosureFilters): Promise<DisclosureTotals> {
    return toTotals(await this.totals.count(ctx, filters));
  }

  /**
   * The same sessions as a file, one line a session: RFC 4180, UTF-8 with a byte order mark, instants in UTC, durations in seconds. `risks` has
   * each risk's code and the instant at which it was discussed. The export is recorded with its filters before it begins, and once more when it
   * ended, with the number of lines. Where your session ends while it runs, the transfer breaks off: a whole file ends with its last chunk.
   */
  @Get('disclosures.csv')
  @Allow('report.read')
  @ApiProduces('text/csv')
  @ApiOkResponse({ schema: { type: 'string' } })
  async exportDisclosures(@Context() ctx: Ctx, @Query() filters: DisclosureFilters): Promise<StreamableFile> {
    return this.exports.disclosures(ctx, filters);
  }

  /** Starts that were refused, newest first, and why. They cite no consent, so neither region nor version can be asked for. */
  @Get('refusals')
  @Allow('report.read')
  async listRefusals(@Context() ctx: Ctx, @Query() query: RefusalQuery): Promise<RefusalPage> {
    const { events, patients, nextCursor } = await this.refusals.find(ctx, query);
    return { items: events.map((event) => toRefusalRow(event, patients)), nextCursor };
  }
}
