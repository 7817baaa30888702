import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { DataSource } from 'typeorm';
import { Public } from '../common/context.js';
import { databaseAway } from '../common/errors.js';
import { InjectDatabase } from '../database/database.module.js';
import type { HealthView } from './health.dto.js';

@ApiTags('health')
@Public()
@Controller('health')
export class HealthController {
  constructor(@InjectDatabase() private readonly dataSource: DataSource) {}

  /** The process runs. */
  @Get('live')
  isLive(): HealthView {
    return { status: 'ok' };
  }

  /** The database answers, so that requests can be served. */
  @Get('ready')
  async isReady(): Promise<HealthView> {
    try {
      await this.dataSource.query('SELECT 1');
    } catch (error) {
      throw databaseAway(error);
    }
    return { status: 'ok' };
  }
}
