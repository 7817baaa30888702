import { Module } from '@nestjs/common';
import { HealthController } from './health.controller.js';

/** For what watches the server. An application that imports Assent has its own. */
@Module({ controllers: [HealthController] })
export class HealthModule {}
