import { Module } from '@nestjs/common';
import { TodayController } from './today.controller.js';
import { TodayService } from './today.service.js';

/** What needs doing, by whoever asks. */
@Module({ controllers: [TodayController], providers: [TodayService] })
export class TodayModule {}
