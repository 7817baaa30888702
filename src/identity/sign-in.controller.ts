import { Body, Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiSecurity, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AnyState, Context, type Ctx, OrNobody, Public } from '../common/context.js';
import { AppError } from '../common/errors.js';
import { Browser } from './browser.js';
import { originOf } from './client.js';
import { Invitations } from './invitations.service.js';
import { LoginSessions, type Place } from './login-sessions.service.js';
import type { PasskeyOptions } from './passkey-options.dto.js';
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
    private readonly browser: Browser,
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
    return this.browser.goOn(reply, await this.signIns.byPassword(this.browser.clientOf(request), body));
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
    return this.browser.goOn(reply, await this.signIns.byPasskey(this.browser.clientOf(request), body.response));
  }

  /** How far this login session has come, in whatever state it is. 204 when nobody is signed in: without a session cookie, or when its session has ended. */
  @Get('session')
  @AnyState()
  @OrNobody()
  async getLogin(@Context() { actor, tx }: Ctx): Promise<LoginView> {
    return toLogin(await this.sessions.stateOf(actor, tx));
  }

  /** Locks the login, for example when one leaves the device. One proof unlocks it. */
  @Post('lock')
  @AnyState()
  @HttpCode(200)
  async lock(@Context() ctx: Ctx, @Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<LoginView> {
    return this.browser.goOn(reply, await this.sessions.lock(ctx, this.browser.clientOf(request)));
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
    return this.browser.goOn(reply, await this.signIns.verify(ctx, this.browser.clientOf(request), body));
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
    return this.browser.goOn(reply, await this.signIns.verifyByPasskey(ctx, this.browser.clientOf(request), body.response));
  }

  /** Works on in one of one's clinics. */
  @Post('clinic')
  @AnyState()
  @HttpCode(200)
  async chooseClinic(
    @Context() ctx: Ctx,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body() body: ChooseClinic,
  ): Promise<LoginView> {
    // A new session isn't idle, so that choosing would unlock it.
    if (ctx.actor.state === 'locked') throw new AppError('login.locked', 401, 'The login is locked, because it was not used for a while.');
    const places = await ctx.tx.query<(Place & { staff_id: string })[]>('SELECT * FROM app.places()');
    const place = places.find(({ clinic_id }) => clinic_id === body.clinicId);
    if (!place) throw new AppError('not-found', 404, 'You don’t work in this clinic.');
    return this.browser.goOn(reply, await this.sessions.choose(ctx, this.browser.clientOf(request), place.staff_id));
  }

  /** Signs out: the cookie is worthless from then on. */
  @Post('sign-out')
  @Public()
  @ApiSecurity('session')
  @HttpCode(204)
  async signOut(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    this.browser.forget(reply);
    await this.sessions.end(this.browser.clientOf(request));
  }

  /** Sends a link for a new password, if somebody has this address and the server sends mail. The answer doesn't say which. */
  @Post('password/forgotten')
  @Public()
  @HttpCode(202)
  async forgetPassword(@Req() request: FastifyRequest, @Body() body: ForgottenPassword): Promise<void> {
    await this.passwordReset.request(originOf(request), body.email);
  }

  /** Sets the new password, once, and ends all sessions. Second factors stay: sign in with them. */
  @Post('password/reset')
  @Public()
  @HttpCode(204)
  async resetPassword(@Req() request: FastifyRequest, @Body() body: ResetPassword): Promise<void> {
    await this.passwordReset.reset(originOf(request), body.token, body.password);
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
    return this.browser.goOn(reply, await this.invitations.accept(this.browser.clientOf(request), body));
  }
}
