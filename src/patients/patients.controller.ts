import { Body, Controller, Get, Headers, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Allow, Context, type Ctx } from '../common/context.js';
import { readIfMatch } from '../common/etag.js';
import { Id } from '../common/id.js';
import { CorrectPatient, FindPatients, type PatientPage, type PatientView, RegisterPatient, toPatient } from './patient.dto.js';
import { PatientsService } from './patients.service.js';

@ApiTags('patients')
@Controller('patients')
export class PatientsController {
  constructor(private readonly patients: PatientsService) {}

  /** Registers a patient. */
  @Post()
  @Allow('patient.write')
  async registerPatient(@Context() ctx: Ctx, @Body() body: RegisterPatient): Promise<PatientView> {
    return toPatient(await this.patients.register(ctx, body));
  }

  /** Finds patients by any part of name or record number, or by birth date. By family name, in pages. */
  @Get()
  @Allow('patient.read')
  async findPatients(@Context() ctx: Ctx, @Query() query: FindPatients): Promise<PatientPage> {
    const { patients, nextCursor } = await this.patients.find(ctx, query);
    return { items: patients.map(toPatient), nextCursor };
  }

  /** One patient, with the ETag that a correction must send back. */
  @Get(':id')
  @Allow('patient.read')
  async getPatient(@Context() ctx: Ctx, @Id() id: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<PatientView> {
    return withETag(reply, toPatient(await this.patients.get(ctx, id)));
  }

  /** Corrects a patient's registration. 412 when somebody else changed it since it was read. */
  @Patch(':id')
  @Allow('patient.write')
  @ApiHeader({ name: 'If-Match', required: true, description: 'The ETag of the patient as it was read.' })
  async correctPatient(
    @Context() ctx: Ctx,
    @Id() id: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() body: CorrectPatient,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PatientView> {
    return withETag(reply, toPatient(await this.patients.correct(ctx, id, readIfMatch(ifMatch), body)));
  }
}

function withETag(reply: FastifyReply, patient: PatientView): PatientView {
  void reply.header('etag', `"${patient.version}"`);
  return patient;
}
