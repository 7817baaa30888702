import { Body, Controller, Get, Headers, HttpCode, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Allow, Context, type Ctx } from '../common/context.js';
import { readIfMatch } from '../common/etag.js';
import { Id } from '../common/id.js';
import {
  ArchivePatient,
  CorrectPatient,
  FindPatients,
  FindPatientsAlike,
  type PatientPage,
  type PatientRecordView,
  type PatientsAlike,
  type PatientView,
  RegisterPatient,
  toPatient,
} from './patient.dto.js';
import type { Patient } from './patient.entity.js';
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

  /** Who may be the same person: names alike, and the same birth date or one that a slip makes of it. Archived patients too. */
  @Get('alike')
  @Allow('patient.read')
  async findPatientsAlike(@Context() ctx: Ctx, @Query() query: FindPatientsAlike): Promise<PatientsAlike> {
    return { items: (await this.patients.findAlike(ctx, query)).map(toPatient) };
  }

  /** One patient, with the ETag that a correction must send back. 410 once the record is erased. */
  @Get(':id')
  @Allow('patient.read')
  async getPatient(@Context() ctx: Ctx, @Id() id: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<PatientRecordView> {
    return this.whole(ctx, await this.patients.get(ctx, id), reply);
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
  ): Promise<PatientRecordView> {
    return this.whole(ctx, await this.patients.correct(ctx, id, readIfMatch(ifMatch), body), reply);
  }

  /** Closes the record: it stays readable, and nothing is added. Refused while a session is open. */
  @Post(':id/archive')
  @HttpCode(200)
  @Allow('patient.archive')
  async archivePatient(
    @Context() ctx: Ctx,
    @Id() id: string,
    @Body() body: ArchivePatient,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PatientRecordView> {
    return this.whole(ctx, await this.patients.archive(ctx, id, body.reason), reply);
  }

  /** Opens an archived record again. */
  @Post(':id/restore')
  @HttpCode(200)
  @Allow('patient.archive')
  async restorePatient(@Context() ctx: Ctx, @Id() id: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<PatientRecordView> {
    return this.whole(ctx, await this.patients.restore(ctx, id), reply);
  }

  private async whole(ctx: Ctx, patient: Patient, reply: FastifyReply): Promise<PatientRecordView> {
    void reply.header('etag', `"${patient.version}"`);
    return { ...toPatient(patient), erasableFrom: await this.patients.erasableFrom(ctx, patient.id) };
  }
}
