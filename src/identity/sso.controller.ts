import { Controller, Get, Query, Req, Res, UseFilters } from '@nestjs/common';
import { ApiFoundResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../common/context.js';
import { Id } from '../common/id.js';
import { Browser } from './browser.js';
import { SsoProblemFilter } from './sso-problem.filter.js';
import { type SsoChoiceList, SsoQuery } from './sso.dto.js';
import { CEREMONY_SECONDS, Sso } from './sso.service.js';
import { CeremonyCookie } from './tokens.js';

/** Single sign-on. What isn't a list is for the browser to visit, not for scripts to call. */
@ApiTags('sign-in')
@Controller('auth/sso')
export class SsoController {
  constructor(
    private readonly sso: Sso,
    private readonly browser: Browser,
    private readonly ceremony: CeremonyCookie,
  ) {}

  /** The clinics of this server that have a provider, by the words of their buttons. */
  @Get()
  @Public()
  async listSsoProviders(): Promise<SsoChoiceList> {
    return { items: await this.sso.choices() };
  }

  /** Comes back from the provider. */
  @Get('callback')
  @Public()
  @UseFilters(SsoProblemFilter)
  @ApiFoundResponse({ description: 'Signed in: to the pages.' })
  async finishSso(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    const handle = this.ceremony.read(request);
    this.ceremony.clear(reply);
    this.browser.goOn(reply, await this.sso.finish(this.browser.clientOf(request), { handle, path: request.url }));
    void reply.status(302).header('location', '/');
  }

  /** Goes to the clinic's provider. */
  @Get(':id')
  @Public()
  @UseFilters(SsoProblemFilter)
  @ApiFoundResponse({ description: 'To the provider.' })
  async startSso(@Id() clinicId: string, @Query() { fresh }: SsoQuery, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    const { url, handle } = await this.sso.begin(clinicId, fresh === 'true');
    this.ceremony.set(reply, handle, CEREMONY_SECONDS);
    void reply.status(302).header('location', url);
  }
}
