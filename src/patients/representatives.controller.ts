import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, Context, type Ctx } from '../common/context.js';
import { Id } from '../common/id.js';
import {
  EndAuthority,
  RecordRepresentative,
  type RepresentativeList,
  type RepresentativeView,
  toRepresentative,
} from './representative.dto.js';
import { RepresentativesService } from './representatives.service.js';

@ApiTags('patients')
@Controller()
export class RepresentativesController {
  constructor(private readonly representatives: RepresentativesService) {}

  /** Records somebody who may decide for the patient. */
  @Post('patients/:id/representatives')
  @Allow('patient.write')
  async recordRepresentative(@Context() ctx: Ctx, @Id() id: string, @Body() body: RecordRepresentative): Promise<RepresentativeView> {
    return toRepresentative(await this.representatives.record(ctx, id, body));
  }

  /** Those who may or might decide for the patient, newest first. */
  @Get('patients/:id/representatives')
  @Allow('patient.read')
  async listRepresentatives(@Context() ctx: Ctx, @Id() id: string): Promise<RepresentativeList> {
    return { items: (await this.representatives.list(ctx, id)).map(toRepresentative) };
  }

  /**
   * Ends a representative's authority at the server's instant, permanently, and with it the consent in force that this representative gave: no
   * session starts on it any more, and nothing is recorded in one that is open. It needs no fresh authentication.
   */
  @Post('representatives/:id/end')
  @HttpCode(200)
  @Allow('patient.write')
  async endAuthority(@Context() ctx: Ctx, @Id() id: string, @Body() body: EndAuthority): Promise<RepresentativeView> {
    return toRepresentative(await this.representatives.end(ctx, id, body));
  }
}
