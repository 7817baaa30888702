import { Injectable } from '@nestjs/common';
import { LessThan } from 'typeorm';
import { SEARCH } from '../audit/actions.js';
import type { Ctx } from '../common/context.js';
import { notFound } from '../common/errors.js';
import { hydrate } from '../database/insert.js';
import { Erasure } from './erasure.entity.js';

const PAGE = 100;

@Injectable()
export class ErasuresService {
  /** The function checks every condition itself, and blanks. */
  async erase(ctx: Ctx, patientId: string, reason: string): Promise<Erasure> {
    // Years of searches are looked through.
    await ctx.tx.query(`SET LOCAL statement_timeout = '5min'`);
    const [row] = await ctx.tx.query<Record<string, unknown>[]>('SELECT * FROM app.erase_patient($1, $2)', [patientId, reason]);
    if (!row) throw notFound('patient');
    return hydrate(ctx.tx, Erasure, row);
  }

  /** Ids begin with the time, so that their order is that of what happened. */
  async list(ctx: Ctx, cursor: string | undefined): Promise<{ erasures: Erasure[]; nextCursor: string | null }> {
    const erasures = await ctx.tx.find(Erasure, {
      where: { clinicId: ctx.actor.clinicId, ...(cursor && { id: LessThan(cursor) }) },
      order: { id: 'DESC' },
      take: PAGE + 1,
    });
    const page = erasures.slice(0, PAGE);
    if (page.length > 0) ctx.saw(SEARCH.erasures, { details: { found: page.map(({ patientId }) => patientId) } });
    return { erasures: page, nextCursor: erasures.length > PAGE ? (page.at(-1)?.id ?? null) : null };
  }
}
