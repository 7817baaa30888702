import { Module } from '@nestjs/common';
import { KeysController } from './keys.controller.js';

/** API keys for other programs. */
@Module({ controllers: [KeysController] })
export class KeysModule {}
