import { Controller, Get, Header, Query, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { DataSource } from 'typeorm';
import { Allow, Context, type Ctx, Public } from '../common/context.js';
import { Id } from '../common/id.js';
import { InjectDatabase } from '../database/database.module.js';
import { LogExportService } from './export/export.service.js';
import { CheckpointQuery, ExportQuery, type LogView } from './log.dto.js';
import { LogService, queryOf } from './log.service.js';

const TEXT = 'text/plain; charset=utf-8';

@ApiTags('audit')
@Controller('audit')
export class LogController {
  constructor(
    private readonly log: LogService,
    private readonly exports: LogExportService,
    @InjectDatabase() private readonly dataSource: DataSource,
  ) {}

  /** How the signed log fares: its size, its key, what waits, and where its state is known outside. */
  @Get('log')
  @Allow('audit.read')
  getLog(@Context() ctx: Ctx): Promise<LogView> {
    return this.log.state(ctx);
  }

  /**
   * The log's last signed state (c2sp.org/tlog-checkpoint), for anybody to keep: it holds hashes and a number, and nothing of anybody. With
   * `from`, the proof that this log continues the one of that size, in the form that a witness takes (c2sp.org/tlog-witness).
   */
  @Get('checkpoint')
  @Public()
  @Header('content-type', TEXT)
  @ApiProduces('text/plain')
  async getCheckpoint(@Query() { from }: CheckpointQuery): Promise<string> {
    const query = queryOf(this.dataSource);
    return from === undefined ? (await this.log.checkpoint(query)).note : this.log.consistency(query, from);
  }

  /**
   * That an event is in the log, to be checked by anybody who has the log's public key (c2sp.org/tlog-proof). The line `extra` holds the
   * entry itself in base 64: the event in canonical JSON (RFC 8785), whose hash is the leaf.
   */
  @Get('proof/:id')
  @Allow('audit.read')
  @Header('content-type', TEXT)
  @ApiProduces('text/plain')
  getProof(@Context() ctx: Ctx, @Id() id: string): Promise<string> {
    return this.log.inclusion(ctx, id);
  }

  /**
   * The clinic's events in the log as a file that anybody can verify without this server who has the log's public key: NDJSON, described in
   * docs/LOG.md. In place of others' events it has hashes. The export is recorded with its filters before it begins, and once more when it
   * ended. Where your session ends while it runs, the transfer breaks off; a whole file ends with a line that says so.
   */
  @Get('export')
  @Allow('audit.read')
  @ApiProduces('application/x-ndjson')
  @ApiOkResponse({ schema: { type: 'string' } })
  async exportEvents(@Context() ctx: Ctx, @Query() query: ExportQuery): Promise<StreamableFile> {
    return this.exports.export(ctx, query);
  }
}
