import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { READ } from '../audit/actions.js';
import type { Ctx } from '../common/context.js';
import { AppError, busy, KeptRefusal, notFound } from '../common/errors.js';
import { hydrate, insert, update } from '../database/insert.js';
import { PatientsService } from '../patients/patients.service.js';
import { ClearanceService } from './clearance.service.js';
import { Manipulation } from './manipulation.entity.js';
import { PatientReportsService } from './patient-reports.service.js';
import type { RecordManipulation, SessionParts, StartSession } from './session.dto.js';
import { Session } from './session.entity.js';
import { GATE_RULES } from './session.rules.js';

@Injectable()
export class SessionsService {
  constructor(
    private readonly clearance: ClearanceService,
    private readonly patients: PatientsService,
    private readonly reports: PatientReportsService,
  ) {}

  /**
   * Starts a session on the licence, the screening and the consent that are in force. One statement: the function
   * names them, and the keys of app.sessions decide. Where nothing was inserted, the clearance says why; where a key refused
   * because of a race, the request runs once more and comes by here again. What the patient reported is recorded with the refusal.
   */
  async start(ctx: Ctx, patientId: string, check: StartSession): Promise<SessionParts> {
    if (!check.nothingChanged || !check.stillConsents) throw await this.report(ctx, patientId, check);
    const [row] = await ctx.tx.query<Record<string, unknown>[]>(
      `INSERT INTO app.sessions (patient_id, licence_id, screening_id, consent_id, nothing_changed, still_consents)
       SELECT $1, licence_id, screening_id, consent_id, true, true FROM app.clearance($1) WHERE allowed
       RETURNING *`,
      [patientId],
    );
    if (row) return { session: hydrate(ctx.tx, Session, row), manipulations: [] };
    const { blockers } = await this.clearance.require(ctx, patientId);
    // What was in the way when the statement ran has gone since.
    if (blockers.length === 0) throw busy();
    throw new AppError(...refused(blockers));
  }

  /** Ends what the patient's answers take away, and refuses. */
  private async report(ctx: Ctx, patientId: string, { change, doubt }: StartSession): Promise<AppError> {
    const { blockers } = await this.clearance.require(ctx, patientId);
    if (change !== undefined) {
      await this.reports.record(ctx, patientId, 'change', change);
      blockers.push('check.changed');
    }
    if (doubt !== undefined) {
      await this.reports.record(ctx, patientId, 'doubt', doubt);
      blockers.push('check.consent-doubted');
    }
    return new KeptRefusal(...refused(blockers));
  }

  async list(ctx: Ctx, patientId: string): Promise<SessionParts[]> {
    const { clinicId } = ctx.actor;
    await this.patients.require(ctx, patientId);
    ctx.saw(READ.sessions, { subjectId: patientId, patientId });
    return this.complete(ctx, await ctx.tx.find(Session, { where: { clinicId, patientId }, order: { startedAt: 'DESC' }, take: 500 }));
  }

  async get(ctx: Ctx, id: string): Promise<SessionParts> {
    const session = await ctx.tx.findOne(Session, { where: { clinicId: ctx.actor.clinicId, id } });
    if (!session) throw notFound('session');
    ctx.saw(READ.session, { subjectId: id, patientId: session.patientId });
    const [parts] = await this.complete(ctx, [session]);
    return parts as SessionParts;
  }

  /** Records a manipulation. The consent's scope, the cleared regions and every period are checked again, at its own instant. */
  async manipulate(ctx: Ctx, sessionId: string, manipulation: RecordManipulation): Promise<Manipulation> {
    return insert(ctx.tx, Manipulation, {
      ...manipulation,
      side: manipulation.side ?? null,
      response: manipulation.response ?? null,
      sessionId,
    });
  }

  async end(ctx: Ctx, id: string): Promise<SessionParts> {
    // The database puts its own clock in place of this instant.
    const session = await update(ctx.tx, Session, { clinicId: ctx.actor.clinicId, id }, { endedAt: new Date() });
    if (!session) throw notFound('session');
    const [parts] = await this.complete(ctx, [session]);
    return parts as SessionParts;
  }

  private async complete(ctx: Ctx, sessions: Session[]): Promise<SessionParts[]> {
    if (sessions.length === 0) return [];
    const manipulations = await ctx.tx.find(Manipulation, {
      where: { clinicId: ctx.actor.clinicId, sessionId: In(sessions.map(({ id }) => id)) },
      order: { performedAt: 'ASC' },
    });
    return sessions.map((session) => ({ session, manipulations: manipulations.filter(({ sessionId }) => sessionId === session.id) }));
  }
}

function refused(blockers: readonly string[]): ConstructorParameters<typeof AppError> {
  return ['session.refused', 409, 'The session can’t start.', { blockers: blockers.map((code) => GATE_RULES.blocker(code)) }];
}
