import { Module } from '@nestjs/common';
import { TodayController } from './today.controller.js';
import { TodayService } from './today.service.js';

/** What the person who asks has to do. */
@Module({ controllers: [TodayController], providers: [TodayService] })
export class TodayModule {}
