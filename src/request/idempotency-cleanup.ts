import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { InjectDatabase } from '../database/database.module.js';

const HOUR = 60 * 60 * 1_000;

/** Removes answers that were kept for repetitions, once they are a day old: at the start and every hour. */
@Injectable()
export class IdempotencyCleanup implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(IdempotencyCleanup.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(@InjectDatabase() private readonly dataSource: DataSource) {}

  async onModuleInit(): Promise<void> {
    await this.forget();
    this.timer = setInterval(() => void this.forget(), HOUR).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** Where it fails, the next hour tries again. */
  private async forget(): Promise<void> {
    await this.dataSource.query('SELECT app.delete_expired_idempotency_keys()').catch((error: unknown) => this.logger.error(String(error)));
  }
}
