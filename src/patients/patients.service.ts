import { Injectable } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { READ, SEARCH } from '../audit/actions.js';
import type { Ctx } from '../common/context.js';
import { AppError, malformed, notFound } from '../common/errors.js';
import { refuseFuture } from '../common/period.js';
import { refusal } from '../common/rules.js';
import { hydrate, insert, update } from '../database/insert.js';
import type { CorrectPatient, FindPatients, FindPatientsAlike, RegisterPatient } from './patient.dto.js';
import { Patient } from './patient.entity.js';
import { PATIENT_RULES } from './patient.rules.js';

const DEFAULT_PAGE = 25;
const MOST_ALIKE = 20;

@Injectable()
export class PatientsService {
  async register(ctx: Ctx, patient: RegisterPatient): Promise<Patient> {
    refuseFuture(ctx, 'birthDate', patient.birthDate);
    return insert(ctx.tx, Patient, { ...patient });
  }

  async find(
    ctx: Ctx,
    { query, cursor, limit = DEFAULT_PAGE, archived = false }: FindPatients,
  ): Promise<{ patients: Patient[]; nextCursor: string | null }> {
    const after = cursor === undefined ? undefined : decodeCursor(cursor);
    // One more than the page holds tells whether there is another page.
    const rows = await ctx.tx.query<Record<string, unknown>[]>('SELECT * FROM app.search_patients($1, $2, $3, $4, $5)', [
      query ?? null,
      after?.[0] ?? null,
      after?.[1] ?? null,
      limit + 1,
      archived,
    ]);
    const patients = rows.slice(0, limit).map((row) => hydrate(ctx.tx, Patient, row));
    ctx.saw(SEARCH.patients, { details: { query, found: patients.map(({ id }) => id) } });
    const last = patients.at(-1);
    return { patients, nextCursor: rows.length > limit && last ? encodeCursor(last) : null };
  }

  async findAlike(ctx: Ctx, { givenName, familyName, birthDate }: FindPatientsAlike): Promise<Patient[]> {
    const rows = await ctx.tx.query<Record<string, unknown>[]>('SELECT * FROM app.patients_alike($1, $2, $3, $4)', [
      givenName,
      familyName,
      birthDate,
      MOST_ALIKE,
    ]);
    const patients = rows.map((row) => hydrate(ctx.tx, Patient, row));
    ctx.saw(SEARCH.patientsAlike, { details: { query: `${givenName} ${familyName} ${birthDate}`, found: patients.map(({ id }) => id) } });
    return patients;
  }

  async get(ctx: Ctx, id: string): Promise<Patient> {
    const patient = await this.require(ctx, id);
    ctx.saw(READ.patient, { subjectId: id, patientId: id });
    return patient;
  }

  /** For acts and queries that show something else of the patient. */
  async require(ctx: Ctx, id: string): Promise<Patient> {
    const patient = await ctx.tx.findOne(Patient, { where: { clinicId: ctx.actor.clinicId, id } });
    if (!patient) throw notFound('patient');
    if (patient.erased) throw refusal(PATIENT_RULES, 'patient.erased', 410);
    return patient;
  }

  /** Null for roles that may not see the entries that it follows from. */
  async erasableFrom(ctx: Ctx, id: string): Promise<string | null> {
    const [row] = await ctx.tx.query<{ day: string | null }[]>('SELECT app.erasable_from($1)::text AS day', [id]);
    return row?.day ?? null;
  }

  async archive(ctx: Ctx, id: string, reason: NonNullable<Patient['archiveReason']>): Promise<Patient> {
    return this.one(ctx, await ctx.tx.query('SELECT * FROM app.archive_patient($1, $2)', [id, reason]));
  }

  async restore(ctx: Ctx, id: string): Promise<Patient> {
    return this.one(ctx, await ctx.tx.query('SELECT * FROM app.restore_patient($1)', [id]));
  }

  /** Corrects a registration, provided nobody else has since the caller read it. */
  async correct(ctx: Ctx, id: string, version: number, changes: CorrectPatient): Promise<Patient> {
    refuseFuture(ctx, 'birthDate', changes.birthDate);
    const isChanged = Object.keys(changes).length > 0;
    const corrected = isChanged ? await update(ctx.tx, Patient, { clinicId: ctx.actor.clinicId, id, version }, changes) : undefined;
    const patient = corrected ?? (await this.require(ctx, id));
    if (!corrected && (isChanged || patient.version !== version)) {
      throw new AppError('patient.changed', 412, 'Someone has changed this patient since you loaded it.', {
        detail: 'Load it again, check the change, and repeat yours with the new ETag.',
      });
    }
    return patient;
  }

  private one(ctx: Ctx, [row]: Record<string, unknown>[]): Patient {
    if (!row) throw notFound('patient');
    return hydrate(ctx.tx, Patient, row);
  }
}

function encodeCursor(last: Patient): string {
  return Buffer.from(JSON.stringify([last.sortName, last.id])).toString('base64url');
}

function decodeCursor(cursor: string): [string, string] {
  try {
    const [name, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    if (typeof name === 'string' && !name.includes('\0') && isUUID(id)) return [name, id as string];
  } catch {
    // Not one of ours; said below.
  }
  throw malformed([{ field: 'cursor', message: 'must be the nextCursor of an earlier page' }]);
}
