import { randomUUID } from 'node:crypto';
import { Body, Controller, Delete, ForbiddenException, HttpCode, Inject, Injectable, Module, Post, Req } from '@nestjs/common';
import { HostLogins, type HostUser } from 'assent';
import { Matches } from 'class-validator';
import type { FastifyRequest } from 'fastify';

class Badge {
  @Matches(/^\w+$/)
  badge: string;

  @Matches(/^\d{4}$/)
  pin: string;
}

/** The application's own sign-in, by badge and PIN. BADGES says whose they are: `{"ben 1234": "id of a member of staff"}`. */
@Injectable()
export class Badges {
  private readonly owners = JSON.parse(process.env['BADGES'] ?? '{}') as Record<string, string>;
  private readonly users = new Map<string, HostUser>();

  signIn({ badge, pin }: Badge): string {
    const staffId = this.owners[`${badge} ${pin}`];
    if (!staffId) throw new ForbiddenException();
    const signInId = randomUUID();
    this.users.set(signInId, { staffId, signInId, authenticatedAt: new Date(), secondFactor: true });
    return signInId;
  }

  userOf({ headers }: FastifyRequest): HostUser | undefined {
    return this.users.get(String(headers['x-badge']));
  }

  signOut(user: HostUser): void {
    this.users.delete(user.signInId);
  }
}

@Controller('badge')
class BadgesController {
  constructor(
    private readonly badges: Badges,
    @Inject(HostLogins) private readonly logins: HostLogins,
  ) {}

  /** The answer is the value of the header `x-badge` from then on. */
  @Post()
  signIn(@Body() badge: Badge): { 'x-badge': string } {
    return { 'x-badge': this.badges.signIn(badge) };
  }

  @Delete()
  @HttpCode(204)
  async signOut(@Req() request: FastifyRequest): Promise<void> {
    const user = this.badges.userOf(request);
    if (!user) throw new ForbiddenException();
    this.badges.signOut(user);
    await this.logins.end(user, request);
  }
}

@Module({ controllers: [BadgesController], providers: [Badges], exports: [Badges] })
export class BadgesModule {}
