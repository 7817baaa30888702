import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, Context, type Ctx } from '../common/context.js';
import type { MeView } from './me.dto.js';

@ApiTags('sign-in')
@Controller('me')
export class MeController {
  /** Who is signed in, in which role and clinic. */
  @Get()
  @Allow('me.read')
  getMe(@Context() { actor }: Ctx): MeView {
    return {
      id: actor.staffId,
      name: actor.name,
      email: actor.email,
      role: actor.role,
      profession: actor.profession,
      clinic: { id: actor.clinicId, name: actor.clinicName, timeZone: actor.timeZone },
    };
  }
}
