import { Body, Controller, Delete, Get, HttpCode, Patch, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, Context, type Ctx } from '../common/context.js';
import { notFound, notYours } from '../common/errors.js';
import { Sso } from '../identity/sso.service.js';
import { ChangePolicy, type PolicyView, SetSsoProvider, type SsoProviderView, toPolicy } from './clinic.dto.js';
import { Clinic } from './clinic.entity.js';

interface ProviderRow {
  readonly label: string;
  readonly issuer: string;
  readonly client_id: string;
}

/** A clinic's policies, and its provider for single sign-on. */
@ApiTags('clinic')
@Controller('clinic')
export class ClinicController {
  constructor(private readonly sso: Sso) {}

  /** The clinic's policies. */
  @Get('policy')
  @Allow('clinic.read')
  async getPolicy(@Context() { tx, actor }: Ctx): Promise<PolicyView> {
    return toPolicy(await tx.findOneByOrFail(Clinic, { id: actor.clinicId }));
  }

  /** Changes those policies that are given. */
  @Patch('policy')
  @Allow('clinic.manage')
  async changePolicy(@Context() { tx, actor }: Ctx, @Body() body: ChangePolicy): Promise<PolicyView> {
    const clinic = await tx.findOneByOrFail(Clinic, { id: actor.clinicId });
    if (Object.keys(body).length === 0) return toPolicy(clinic);
    const { affected } = await tx.update(Clinic, { id: actor.clinicId }, body);
    if (affected !== 1) throw notYours();
    // Not read again: a stricter policy takes effect immediately, for the login that made it too.
    return toPolicy({ ...clinic, ...body });
  }

  /** The provider with which people sign in to this clinic. */
  @Get('sso')
  @Allow('clinic.read')
  async getSsoProvider(@Context() { tx, actor }: Ctx): Promise<SsoProviderView> {
    const [row] = await tx.query<ProviderRow[]>('SELECT * FROM app.sso_provider()');
    if (!row) throw notFound('provider for single sign-on');
    return { label: row.label, issuer: row.issuer, clientId: row.client_id, ...this.sso.urls(actor.clinicId) };
  }

  /** Sets the OpenID provider, after asking it whether it will do. Sessions that came by the one before end. */
  @Put('sso')
  @Allow('clinic.manage')
  async setSsoProvider(@Context() ctx: Ctx, @Body() body: SetSsoProvider): Promise<SsoProviderView> {
    await ctx.ahead(() => this.sso.check(ctx.actor.clinicId, body));
    const { tx, actor } = ctx;
    await tx.query('SELECT app.write_sso_provider($1, $2, $3, $4)', [
      body.label,
      body.issuer,
      body.clientId,
      this.sso.encrypt(body.clientSecret),
    ]);
    return { label: body.label, issuer: body.issuer, clientId: body.clientId, ...this.sso.urls(actor.clinicId) };
  }

  /** Ends single sign-on for this clinic, and the sessions that came by it. */
  @Delete('sso')
  @Allow('clinic.manage')
  @HttpCode(204)
  async removeSsoProvider(@Context() { tx }: Ctx): Promise<void> {
    await tx.query('SELECT app.write_sso_provider(NULL, NULL, NULL, NULL)');
  }
}
