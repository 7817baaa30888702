import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { hashPassword } from 'better-auth/crypto';
import { In } from 'typeorm';
import type { Ctx } from '../common/context.js';
import { notFound } from '../common/errors.js';
import { toRange } from '../common/period.js';
import { insert } from '../database/insert.js';
import { Licence } from './licence.entity.js';
import type { EmployStaff, RecordLicence } from './staff.dto.js';
import { Staff } from './staff.entity.js';

@Injectable()
export class StaffService {
  /** Adds a person with a random password, which is returned and kept nowhere. */
  async employ(ctx: Ctx, { name, email, role, profession }: EmployStaff): Promise<{ person: Staff; initialPassword: string }> {
    const initialPassword = randomBytes(15).toString('base64url');
    const [row] = await ctx.tx.query<{ id: string }[]>('SELECT app.employ($1, $2, $3, $4, $5) AS id', [
      name,
      email,
      role,
      profession ?? null,
      await hashPassword(initialPassword),
    ]);
    return { person: await this.get(ctx, row?.id ?? ''), initialPassword };
  }

  async list(ctx: Ctx): Promise<{ people: Staff[]; licences: Licence[] }> {
    const people = await ctx.tx.find(Staff, { where: { clinicId: ctx.actor.clinicId }, order: { name: 'ASC', id: 'ASC' } });
    const licences = await ctx.tx.find(Licence, {
      where: { clinicId: ctx.actor.clinicId, practitionerId: In(people.map(({ id }) => id)) },
      order: { id: 'DESC' },
    });
    return { people, licences };
  }

  async recordLicence(ctx: Ctx, practitionerId: string, { validFrom, validUntil, ...licence }: RecordLicence): Promise<Licence> {
    await this.get(ctx, practitionerId);
    const valid = await toRange(ctx.tx, validFrom, validUntil);
    return insert(ctx.tx, Licence, { ...licence, practitionerId, valid: valid as never });
  }

  /** Ends a licence now and for good. */
  async revokeLicence(ctx: Ctx, id: string, reason: string): Promise<Licence> {
    const licence = { clinicId: ctx.actor.clinicId, id };
    const { affected } = await ctx.tx.update(Licence, licence, { revocationReason: reason });
    if (affected !== 1) throw notFound('licence');
    return ctx.tx.findOneOrFail(Licence, { where: licence });
  }

  private async get(ctx: Ctx, id: string): Promise<Staff> {
    const person = await ctx.tx.findOne(Staff, { where: { clinicId: ctx.actor.clinicId, id } });
    if (!person) throw notFound('person');
    return person;
  }
}
