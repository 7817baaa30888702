import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Allow, AnyState, Context, type Ctx, ShownOnce } from '../common/context.js';
import { notFound } from '../common/errors.js';
import { Account } from './account.service.js';
import { Browser } from './browser.js';
import { originOf } from './client.js';
import { endLoginSessions, listLoginSessions } from './login-session-list.js';
import { LoginSessions } from './login-sessions.service.js';
import {
  ChangePassword,
  ConfirmTotp,
  type DraftKeyView,
  type EndedSessions,
  type LoginSessionList,
  type MeView,
  type NewTotpView,
  type PasskeyList,
  type PasskeyView,
  type RecoveryCodesView,
  RegisterPasskey,
  RenamePasskey,
  toMe,
  toPasskey,
} from './me.dto.js';
import type { NewPasskeyOptions } from './passkey-options.dto.js';
import { Passkeys } from './passkeys.service.js';

/** One's own account. What changes it asks for an authentication of a short while ago. */
@ApiTags('account')
@Controller('me')
export class MeController {
  constructor(
    private readonly account: Account,
    private readonly passkeys: Passkeys,
    private readonly browser: Browser,
    private readonly sessions: LoginSessions,
  ) {}

  /** Who is signed in, in which role and clinic. */
  @Get()
  @Allow('me.read')
  getMe(@Context() { actor }: Ctx): MeView {
    return toMe(actor);
  }

  /** The key with which a page encrypts what the person has typed and not sent yet, where it keeps that on the device. */
  @Get('draft-key')
  @Allow('account.read')
  getDraftKey(@Context() { actor }: Ctx): DraftKeyView {
    return { draftKey: this.sessions.draftKey(actor.staffId) };
  }

  /** Changes one's password, and ends one's other sessions. */
  @Put('password')
  @Allow('account.manage')
  @HttpCode(204)
  async changePassword(
    @Context() ctx: Ctx,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body() body: ChangePassword,
  ): Promise<void> {
    this.browser.goOn(reply, await this.account.changePassword(ctx, this.browser.clientOf(request), body));
  }

  /** Begins to set up an authenticator app. It counts once a code is confirmed. */
  @Post('totp')
  @AnyState()
  enrolTotp(@Context() { actor }: Ctx): Promise<NewTotpView> {
    return this.account.enrolTotp(actor);
  }

  /** Confirms the authenticator app with a first code. The answer shows the recovery codes, once. */
  @Post('totp/confirm')
  @AnyState()
  @HttpCode(200)
  async confirmTotp(
    @Context() ctx: Ctx,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body() body: ConfirmTotp,
  ): Promise<RecoveryCodesView> {
    const { recoveryCodes, ...login } = await this.account.confirmTotp(ctx, this.browser.clientOf(request), body.code);
    this.browser.goOn(reply, login);
    return { recoveryCodes };
  }

  /** Removes the authenticator app and the recovery codes. */
  @Delete('totp')
  @Allow('account.manage')
  @HttpCode(204)
  async removeTotp(@Context() ctx: Ctx, @Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    this.browser.goOn(reply, await this.account.removeTotp(ctx, this.browser.clientOf(request)));
  }

  /** New recovery codes instead of the old ones, shown once. */
  @Post('recovery-codes')
  @Allow('account.manage')
  @ShownOnce()
  async renewRecoveryCodes(@Context() { actor }: Ctx, @Req() request: FastifyRequest): Promise<RecoveryCodesView> {
    return { recoveryCodes: await this.account.renewRecoveryCodes(actor, originOf(request)) };
  }

  /** One's passkeys. */
  @Get('passkeys')
  @Allow('account.read')
  async listPasskeys(@Context() { actor }: Ctx): Promise<PasskeyList> {
    return { items: (await this.passkeys.list(actor.userId)).map(toPasskey) };
  }

  /** Options for `navigator.credentials.create`. */
  @Post('passkeys/options')
  @AnyState()
  @HttpCode(200)
  async startPasskey(@Context() { actor }: Ctx): Promise<NewPasskeyOptions> {
    return { publicKey: await this.account.startPasskey(actor) };
  }

  /** Adds the passkey that the browser made. */
  @Post('passkeys')
  @AnyState()
  async addPasskey(
    @Context() ctx: Ctx,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body() body: RegisterPasskey,
  ): Promise<PasskeyView> {
    const { passkey, ...login } = await this.account.addPasskey(ctx, this.browser.clientOf(request), body);
    this.browser.goOn(reply, login);
    return toPasskey(passkey);
  }

  /** Gives a passkey another name. */
  @Patch('passkeys/:passkeyId')
  @Allow('account.manage')
  async renamePasskey(@Context() { actor }: Ctx, @Param('passkeyId') passkeyId: string, @Body() body: RenamePasskey): Promise<PasskeyView> {
    const passkey = await this.passkeys.rename(actor.userId, passkeyId, body.label);
    if (!passkey) throw notFound('passkey');
    return toPasskey(passkey);
  }

  /** Removes a passkey. */
  @Delete('passkeys/:passkeyId')
  @Allow('account.manage')
  @HttpCode(204)
  async removePasskey(
    @Context() ctx: Ctx,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('passkeyId') passkeyId: string,
  ): Promise<void> {
    this.browser.goOn(reply, await this.account.removePasskey(ctx, this.browser.clientOf(request), passkeyId));
  }

  /** Where one is signed in. */
  @Get('sessions')
  @Allow('account.read')
  async listMySessions(@Context() ctx: Ctx): Promise<LoginSessionList> {
    return { items: await listLoginSessions(ctx, null) };
  }

  /** Ends one of your own login sessions immediately. */
  @Delete('sessions/:sessionId')
  @Allow('account.read')
  @HttpCode(204)
  async endMySession(@Context() ctx: Ctx, @Param('sessionId') sessionId: string): Promise<void> {
    if ((await endLoginSessions(ctx, null, sessionId)) === 0) throw notFound('login session');
  }

  /** Ends all of your own login sessions except this one, immediately. */
  @Delete('sessions')
  @Allow('account.read')
  async endMyOtherSessions(@Context() ctx: Ctx): Promise<EndedSessions> {
    return { ended: await endLoginSessions(ctx, null, null) };
  }
}
