import { Module } from '@nestjs/common';
import { LogExportService } from './export/export.service.js';
import { LOG_KEYS, LOG_OPTIONS, type LogOptions } from './log-options.js';
import { LogController } from './log.controller.js';
import { LogService } from './log.service.js';
import { Sealer } from './sealer.js';
import { VerificationsController } from './verifications.controller.js';
import { Verifications } from './verifications.service.js';
import { Verifier } from './verifier.js';

/** The signed log of what happened, and the proofs that it gives. */
@Module({
  controllers: [LogController, VerificationsController],
  providers: [
    LogService,
    Verifications,
    LogExportService,
    { provide: LOG_KEYS, useFactory: (options?: LogOptions) => options?.keys, inject: [LOG_OPTIONS] },
    { provide: Sealer, useFactory: (options?: LogOptions) => options && new Sealer(options), inject: [LOG_OPTIONS] },
    { provide: Verifier, useFactory: (options?: LogOptions) => options && new Verifier(options), inject: [LOG_OPTIONS] },
  ],
})
export class LogModule {}
