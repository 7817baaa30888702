import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, Context, type Ctx, ShownOnce } from '../common/context.js';
import { notFound } from '../common/errors.js';
import { Id } from '../common/id.js';
import { endLoginSessions, listLoginSessions } from '../identity/login-session-list.js';
import type { EndedSessions, LoginSessionList } from '../identity/me.dto.js';
import {
  ChangeStaff,
  type ColleagueList,
  type InvitationSentView,
  InviteStaff,
  type LicenceView,
  RecordLicence,
  RevokeLicence,
  type StaffList,
  type StaffView,
  toColleague,
  toLicence,
  toStaff,
} from './staff.dto.js';
import { StaffService } from './staff.service.js';

@ApiTags('staff')
@Allow('staff.manage')
@Controller()
export class StaffController {
  constructor(private readonly staff: StaffService) {}

  /** Invites a person by a link that works once, within 72 hours. It goes by mail, or is shown this once. */
  @Post('staff')
  @ShownOnce()
  inviteStaff(@Context() ctx: Ctx, @Body() body: InviteStaff): Promise<InvitationSentView> {
    return this.staff.invite(ctx, body);
  }

  /** Everybody in the clinic, with their licences. */
  @Get('staff')
  @Allow('staff.read')
  async listStaff(@Context() ctx: Ctx): Promise<StaffList> {
    const { people, licences } = await this.staff.list(ctx);
    return { items: people.map((person) => toStaff(person, licences)) };
  }

  /** Everybody who works or worked in the clinic, by name: who is meant by the ids in records. */
  @Get('colleagues')
  @Allow('me.read')
  async listColleagues(@Context() ctx: Ctx): Promise<ColleagueList> {
    return { items: (await this.staff.colleagues(ctx)).map(toColleague) };
  }

  /** Changes name, role or profession. It counts from the person's next request. */
  @Patch('staff/:id')
  async changeStaff(@Context() ctx: Ctx, @Id() id: string, @Body() body: ChangeStaff): Promise<StaffView> {
    const licences = await this.staff.licencesOf(ctx, [id]);
    return toStaff(await this.staff.change(ctx, id, body), licences);
  }

  /** Ends a person's membership of the clinic, and their logins in it, immediately. A new invitation brings them back. */
  @Post('staff/:id/deactivation')
  @HttpCode(200)
  async deactivateStaff(@Context() ctx: Ctx, @Id() id: string): Promise<StaffView> {
    const licences = await this.staff.licencesOf(ctx, [id]);
    return toStaff(await this.staff.deactivate(ctx, id), licences);
  }

  /**
   * A new link instead of the last one: for somebody who hasn't accepted or was deactivated, and for somebody who can't sign in
   * any more. The latter sets a new password with it; their second factors are forgotten and their sessions end.
   */
  @Post('staff/:id/invitation')
  @ShownOnce()
  renewInvitation(@Context() ctx: Ctx, @Id() id: string): Promise<InvitationSentView> {
    return this.staff.renewInvitation(ctx, id);
  }

  /** Where somebody is signed in to this clinic. */
  @Get('staff/:id/sessions')
  @Allow('staff.read')
  async listStaffSessions(@Context() ctx: Ctx, @Id() id: string): Promise<LoginSessionList> {
    await this.staff.get(ctx, id);
    return { items: await listLoginSessions(ctx, id) };
  }

  /** Ends one login session of a member of staff in this clinic, immediately. */
  @Delete('staff/:id/sessions/:sessionId')
  @Allow('staff.read')
  @HttpCode(204)
  async endStaffSession(@Context() ctx: Ctx, @Id() id: string, @Param('sessionId') sessionId: string): Promise<void> {
    if ((await endLoginSessions(ctx, id, sessionId)) === 0) throw notFound('login session');
  }

  /** Ends all login sessions of a member of staff in this clinic, immediately. */
  @Delete('staff/:id/sessions')
  @Allow('staff.read')
  async endStaffSessions(@Context() ctx: Ctx, @Id() id: string): Promise<EndedSessions> {
    await this.staff.get(ctx, id);
    return { ended: await endLoginSessions(ctx, id, null) };
  }

  /** Records a licence. Somebody with two professions has two. */
  @Post('staff/:id/licences')
  async recordLicence(@Context() ctx: Ctx, @Id() id: string, @Body() body: RecordLicence): Promise<LicenceView> {
    return toLicence(await this.staff.recordLicence(ctx, id, body));
  }

  /** Ends a licence at the server's instant, permanently. Sessions that started before stay covered. */
  @Post('licences/:id/revocation')
  @HttpCode(200)
  async revokeLicence(@Context() ctx: Ctx, @Id() id: string, @Body() body: RevokeLicence): Promise<LicenceView> {
    return toLicence(await this.staff.revokeLicence(ctx, id, body.reason));
  }
}
