import { Body, Controller, Get, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, Context, type Ctx } from '../common/context.js';
import { Id } from '../common/id.js';
import { RecordRepresentative, type RepresentativeList, type RepresentativeView, toRepresentative } from './representative.dto.js';
import { RepresentativesService } from './representatives.service.js';

@ApiTags('patients')
@Controller('patients/:id/representatives')
export class RepresentativesController {
  constructor(private readonly representatives: RepresentativesService) {}

  /** Records somebody who may decide for the patient. */
  @Post()
  @Allow('patient.write')
  async recordRepresentative(@Context() ctx: Ctx, @Id() id: string, @Body() body: RecordRepresentative): Promise<RepresentativeView> {
    return toRepresentative(await this.representatives.record(ctx, id, body));
  }

  /** Those who may or might decide for the patient, newest first. */
  @Get()
  @Allow('patient.read')
  async listRepresentatives(@Context() ctx: Ctx, @Id() id: string): Promise<RepresentativeList> {
    return { items: (await this.representatives.list(ctx, id)).map(toRepresentative) };
  }
}
