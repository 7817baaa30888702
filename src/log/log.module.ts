import { type DynamicModule, Module } from '@nestjs/common';
import { LogExportService } from './export/export.service.js';
import { LOG_KEYS, type LogOptions } from './log-options.js';
import { LogController } from './log.controller.js';
import { LogService } from './log.service.js';
import { Sealer } from './sealer.js';
import { VerificationsController } from './verifications.controller.js';
import { Verifications } from './verifications.service.js';
import { Verifier } from './verifier.js';

/** The signed log of what happened, and the proofs that it gives. */
@Module({})
export class LogModule {
  /** Without options nothing is sealed here: another server on the same database does it. */
  static register(options: LogOptions | undefined): DynamicModule {
    return {
      module: LogModule,
      controllers: [LogController, VerificationsController],
      providers: [
        LogService,
        Verifications,
        LogExportService,
        { provide: LOG_KEYS, useValue: options?.keys },
        ...(options
          ? [
              { provide: Sealer, useFactory: () => new Sealer(options) },
              { provide: Verifier, useFactory: () => new Verifier(options) },
            ]
          : []),
      ],
    };
  }
}
