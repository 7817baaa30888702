import { Body, Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiSecurity, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AnyState, Context, type Ctx, Public } from '../common/context.js';
import { AppError } from '../common/errors.js';
import { Invitations } from './invitations.service.js';
import { LoginSessions, type Place } from './login-sessions.service.js';
import { Passkeys } from './passkeys.service.js';
import { PasswordReset } from './password-reset.service.js';
import {
  AcceptInvitation,
  ChooseClinic,
  Credentials,
  ForgottenPassword,
  InvitationToken,
  type InvitationView,
  type LoginView,
  type PasskeyOptions,
  PasskeyProof,
  Proof,
  ResetPassword,
  toLogin,
} from './sign-in.dto.js';
import { SignIn } from './sign-in.service.js';

/** The way in. The session's token travels in a cookie and in nothing else. */
@ApiTags('sign-in')
@Controller('auth')
export class SignInController {
  constructor(
    private readonly signIns: SignIn,
    private readonly sessions: LoginSessions,
    private readonly passkeys: Passkeys,
    private readonly invitations: Invitations,
    private readonly passwordReset: PasswordReset,
  ) {}

  /** Signs in with a password, and sets the cookie that every other call needs. The answer says whether more is asked. */
  @Post('sign-in')
  @Public()
  @HttpCode(200)
  async signIn(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body() body: Credentials,
  ): Promise<LoginView> {
    return toLogin(await this.signIns.byPassword(request, reply, body));
  }

  /** Options for `navigator.credentials.get`, to sign in with a passkey alone. */
  @Post('passkey/options')
  @Public()
  @HttpCode(200)
  async startPasskeySignIn(): Promise<PasskeyOptions> {
    return { publicKey: await this.passkeys.authenticationOptions() };
  }

  /** Signs in with a passkey alone: it is two factors in one. */
  @Post('passkey')
  @Public()
  @HttpCode(200)
  async signInWithPasskey(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body() body: PasskeyProof,
  ): Promise<LoginView> {
    return toLogin(await this.signIns.byPasskey(request, reply, body.response));
  }

  /** How far this login session has come, in whatever state it is. */
  @Get('session')
  @AnyState()
  async getLogin(@Context() { actor, tx }: Ctx): Promise<LoginView> {
    return toLogin(await this.sessions.standingOf(actor, tx));
  }

  /** Locks the session at once, for whoever leaves the device. It goes on with one proof. */
  @Post('lock')
  @AnyState()
  @HttpCode(200)
  async lock(
    @Context() { actor }: Ctx,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LoginView> {
    return toLogin(await this.sessions.lock(request, reply, actor));
  }

  /**
   * One more proof of who it is: shows the second factor, unlocks an idle session, or renews the authentication that signing and
   * administering demand. The session goes on under a new cookie.
   */
  @Post('verify')
  @AnyState()
  @HttpCode(200)
  async verify(
    @Context() ctx: Ctx,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body() body: Proof,
  ): Promise<LoginView> {
    return toLogin(await this.signIns.verify(ctx, request, reply, body));
  }

  /** Options for `navigator.credentials.get`, to prove it with one of one's own passkeys. */
  @Post('verify/passkey/options')
  @AnyState()
  @HttpCode(200)
  async startPasskeyVerification(@Context() { actor }: Ctx): Promise<PasskeyOptions> {
    return { publicKey: await this.passkeys.authenticationOptions(actor.userId) };
  }

  /** One more proof, by passkey. */
  @Post('verify/passkey')
  @AnyState()
  @HttpCode(200)
  async verifyWithPasskey(
    @Context() ctx: Ctx,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body() body: PasskeyProof,
  ): Promise<LoginView> {
    return toLogin(await this.signIns.verifyByPasskey(ctx, request, reply, body.response));
  }

  /** Works on in one of one's clinics. */
  @Post('clinic')
  @AnyState()
  @HttpCode(200)
  async chooseClinic(
    @Context() { actor, tx }: Ctx,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body() body: ChooseClinic,
  ): Promise<LoginView> {
    // A new session isn't idle, so that choosing would unlock it.
    if (actor.state === 'locked') throw new AppError('session-locked', 401, 'The session is locked, because it was idle.');
    const places = await tx.query<(Place & { staff_id: string })[]>('SELECT * FROM app.places()');
    const place = places.find(({ clinic_id }) => clinic_id === body.clinicId);
    if (!place) throw new AppError('not-found', 404, 'You have no place in this clinic.');
    return toLogin(await this.sessions.renew(request, reply, actor, { staffId: place.staff_id }));
  }

  /** Signs out: the cookie is worthless from then on. */
  @Post('sign-out')
  @Public()
  @ApiSecurity('session')
  @HttpCode(204)
  async signOut(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    await this.sessions.end(request, reply);
  }

  /** Sends a link for a new password, if somebody has this address and the server sends mail. The answer doesn't say which. */
  @Post('password/forgotten')
  @Public()
  @HttpCode(202)
  async forgetPassword(@Req() request: FastifyRequest, @Body() body: ForgottenPassword): Promise<void> {
    await this.passwordReset.request(request, body.email);
  }

  /** Sets the new password, once, and ends all sessions. Second factors stay: sign in with them. */
  @Post('password/reset')
  @Public()
  @HttpCode(204)
  async resetPassword(@Req() request: FastifyRequest, @Body() body: ResetPassword): Promise<void> {
    await this.passwordReset.reset(request, body.token, body.password);
  }

  /** What an invitation says, before it is accepted. */
  @Post('invitations/open')
  @Public()
  @HttpCode(200)
  openInvitation(@Body() body: InvitationToken): Promise<InvitationView> {
    return this.invitations.open(body.token);
  }

  /** Accepts an invitation, once: with a new password, or signed in to the account that the person has already. */
  @Post('invitations/accept')
  @Public()
  @HttpCode(200)
  async acceptInvitation(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body() body: AcceptInvitation,
  ): Promise<LoginView> {
    return toLogin(await this.invitations.accept(request, reply, body));
  }
}
