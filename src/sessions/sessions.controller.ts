import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ACT } from '../audit/actions.js';
import { Allow, Context, type Ctx, Gated, Watched } from '../common/context.js';
import { Id } from '../common/id.js';
import { type ClearanceView, toClearance } from './clearance.dto.js';
import { ClearanceService } from './clearance.service.js';
import {
  type ManipulationView,
  RecordManipulation,
  type SessionList,
  type SessionView,
  StartSession,
  toManipulation,
  toSession,
} from './session.dto.js';
import { SessionsService } from './sessions.service.js';
import { type StandingView, toStanding } from './standing.dto.js';
import { StandingService } from './standing.service.js';

@ApiTags('sessions')
@Controller()
export class SessionsController {
  constructor(
    private readonly sessions: SessionsService,
    private readonly clearance: ClearanceService,
    private readonly standing: StandingService,
  ) {}

  /** Whether you may start a session with this patient now, and if not, what is missing and what to do about it. */
  @Get('patients/:id/clearance')
  @Allow('clinical.read')
  async getClearance(@Context() ctx: Ctx, @Id() id: string): Promise<ClearanceView> {
    return toClearance(await this.clearance.get(ctx, id));
  }

  /** Starts a session. Refused with 409 and `blockers` unless licence, screening and consent are in force and every risk was discussed. */
  @Post('patients/:id/sessions')
  @Allow('session.record')
  @Gated(ACT.startSession)
  async startSession(@Context() ctx: Ctx, @Id() id: string, @Body() body: StartSession): Promise<SessionView> {
    return toSession(await this.sessions.start(ctx, id, body));
  }

  /** The patient's sessions, newest first. */
  @Get('patients/:id/sessions')
  @Allow('clinical.read')
  async listSessions(@Context() ctx: Ctx, @Id() id: string): Promise<SessionList> {
    return { items: (await this.sessions.list(ctx, id)).map(toSession) };
  }

  /** One session with its manipulations. */
  @Get('sessions/:id')
  @Allow('clinical.read')
  async getSession(@Context() ctx: Ctx, @Id() id: string): Promise<SessionView> {
    return toSession(await this.sessions.get(ctx, id));
  }

  /**
   * What a session permits at this moment: for a page that has it open and asks every other second, so that a withdrawal locks it immediately
   * wherever it is open. It says nothing about the patient, and isn't recorded as a look at the record.
   */
  @Get('sessions/:id/standing')
  @Allow('clinical.read')
  @Watched()
  async getStanding(@Context() ctx: Ctx, @Id() id: string): Promise<StandingView> {
    return toStanding(await this.standing.get(ctx, id));
  }

  /** Records a manipulation. 422 outside what was consented to and cleared; 409 once the consent is withdrawn. */
  @Post('sessions/:id/manipulations')
  @Allow('session.record')
  @Gated(ACT.recordManipulation)
  async recordManipulation(@Context() ctx: Ctx, @Id() id: string, @Body() body: RecordManipulation): Promise<ManipulationView> {
    return toManipulation(await this.sessions.manipulate(ctx, id, body));
  }

  /** Ends a session. Any practitioner of the clinic may, so that a forgotten one doesn't block the patient. */
  @Post('sessions/:id/end')
  @HttpCode(200)
  @Allow('session.record')
  @Gated(ACT.endSession)
  async endSession(@Context() ctx: Ctx, @Id() id: string): Promise<SessionView> {
    return toSession(await this.sessions.end(ctx, id));
  }
}
