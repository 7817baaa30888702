import { Inject, Injectable } from '@nestjs/common';
import { In, IsNull, Not } from 'typeorm';
import type { Ctx } from '../common/context.js';
import { notFound, notYours } from '../common/errors.js';
import { toRange } from '../common/period.js';
import { insert, update } from '../database/insert.js';
import { IDENTITY_OPTIONS, type IdentityOptions } from '../identity/identity-options.js';
import { hashToken, newToken } from '../identity/tokens.js';
import { invitation, newPassword } from '../mail/messages.js';
import { Licence } from './licence.entity.js';
import type { ChangeStaff, InvitationSentView, InviteStaff, RecordLicence } from './staff.dto.js';
import { Staff } from './staff.entity.js';

@Injectable()
export class StaffService {
  constructor(@Inject(IDENTITY_OPTIONS) private readonly options: IdentityOptions) {}

  /** Adds a person and sends them a link, with which they choose a password that nobody else ever sees. */
  async invite(ctx: Ctx, { name, email, role, profession }: InviteStaff): Promise<InvitationSentView> {
    const token = newToken();
    const [row] = await ctx.tx.query<{ staff_id: string; expires_at: Date }[]>('SELECT * FROM app.invite($1, $2, $3, $4, $5, $6)', [
      name,
      email,
      role,
      profession ?? null,
      hashToken(token),
      this.options.mailer !== undefined,
    ]);
    return this.send(ctx, await this.get(ctx, row?.staff_id ?? ''), token, row?.expires_at ?? new Date(), false);
  }

  /** A new link instead of the last one. */
  async renewInvitation(ctx: Ctx, id: string): Promise<InvitationSentView> {
    const token = newToken();
    const [row] = await ctx.tx.query<{ expires_at: Date; renews: boolean }[]>('SELECT * FROM app.renew_invitation($1, $2, $3)', [
      id,
      hashToken(token),
      this.options.mailer !== undefined,
    ]);
    if (!row) throw notFound('person');
    return this.send(ctx, await this.get(ctx, id), token, row.expires_at, row.renews);
  }

  /**
   * By mail where a server is set up, and otherwise shown to the administrator. Sent after the commit, so that nobody gets a link that
   * isn't recorded; where it couldn't be sent, a new one can be. The token is in the part of the address that browsers don't send to servers, so that no log keeps it.
   */
  private send(ctx: Ctx, person: Staff, token: string, expiresAt: Date, renews: boolean): InvitationSentView {
    const { clinicName, timeZone } = ctx.actor;
    const link = new URL(`/invitation#${token}`, this.options.baseUrl).href;
    const { mailer } = this.options;
    if (mailer) {
      const about = { clinic: clinicName, name: person.name, link, expiresAt, timeZone };
      const message = { to: { name: person.name, address: person.email ?? '' }, ...(renews ? newPassword(about) : invitation(about)) };
      ctx.afterCommit(() => mailer.send(message));
    }
    return {
      staffId: person.id,
      expiresAt: expiresAt.toISOString(),
      sentTo: mailer ? person.email : null,
      link: mailer ? null : link,
      renews,
    };
  }

  async change(ctx: Ctx, id: string, change: ChangeStaff): Promise<Staff> {
    const person = await this.get(ctx, id);
    const role = change.role ?? person.role;
    const kept = role === 'practitioner' ? person.profession : null;
    const changed = { name: change.name ?? person.name, role, profession: change.profession === undefined ? kept : change.profession };
    const { affected } = await ctx.tx.update(Staff, { clinicId: ctx.actor.clinicId, id }, changed);
    if (affected !== 1) throw notYours();
    // Not read again: a person who changed their own role may see less now.
    return { ...person, ...changed };
  }

  /** Ends a person's membership immediately: their logins in this clinic end with it. An open invitation is revoked. */
  async deactivate(ctx: Ctx, id: string): Promise<Staff> {
    const person = await this.get(ctx, id);
    const [, affected] = await ctx.tx.query<[unknown, number]>(
      `UPDATE app.staff
          SET active = CASE WHEN isempty(active) THEN tstzrange(clock_timestamp() - interval '1 microsecond', clock_timestamp())
                            ELSE active * tstzrange(NULL, clock_timestamp()) END
        WHERE clinic_id = $1 AND id = $2`,
      [ctx.actor.clinicId, id],
    );
    if (affected !== 1) throw notYours();
    // Not read again: a person who left sees nothing any more.
    return { ...person, active: { from: null, until: new Date() } };
  }

  /** Former ones and API keys too: records name them. */
  async colleagues(ctx: Ctx): Promise<Staff[]> {
    return ctx.tx.find(Staff, { where: { clinicId: ctx.actor.clinicId }, order: { name: 'ASC', id: 'ASC' } });
  }

  async list(ctx: Ctx): Promise<{ people: Staff[]; licences: Licence[] }> {
    const people = await ctx.tx.find(Staff, {
      where: { clinicId: ctx.actor.clinicId, userId: Not(IsNull()) },
      order: { name: 'ASC', id: 'ASC' },
    });
    return {
      people,
      licences: await this.licencesOf(
        ctx,
        people.map(({ id }) => id),
      ),
    };
  }

  licencesOf(ctx: Ctx, people: readonly string[]): Promise<Licence[]> {
    return ctx.tx.find(Licence, { where: { clinicId: ctx.actor.clinicId, practitionerId: In([...people]) }, order: { id: 'DESC' } });
  }

  async recordLicence(ctx: Ctx, practitionerId: string, { validFrom, validUntil, ...licence }: RecordLicence): Promise<Licence> {
    await this.get(ctx, practitionerId);
    const valid = await toRange(ctx.tx, validFrom, validUntil);
    return insert(ctx.tx, Licence, { ...licence, practitionerId, valid: valid as never });
  }

  /** Ends a licence now, permanently. */
  async revokeLicence(ctx: Ctx, id: string, reason: string): Promise<Licence> {
    const licence = await update(ctx.tx, Licence, { clinicId: ctx.actor.clinicId, id }, { revocationReason: reason });
    if (!licence) throw notFound('licence');
    return licence;
  }

  async get(ctx: Ctx, id: string): Promise<Staff> {
    const person = await ctx.tx.findOne(Staff, { where: { clinicId: ctx.actor.clinicId, id, userId: Not(IsNull()) } });
    if (!person) throw notFound('person');
    return person;
  }
}
