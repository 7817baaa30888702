import { Injectable } from '@nestjs/common';
import { READ } from '../audit/actions.js';
import type { Ctx } from '../common/context.js';
import { notFound } from '../common/errors.js';
import type { Region, Technique } from '../screening/anatomy.js';

/** What app.clearance answers. */
export interface Clearance {
  allowed: boolean;
  blockers: string[];
  licence_state: string;
  licence_since: Date | null;
  licence_until: Date | null;
  screening_state: string;
  screening_since: Date | null;
  screening_until: Date | null;
  consent_state: string;
  consent_since: Date | null;
  consent_until: Date | null;
  open_session_id: string | null;
  cleared_regions: Region[];
  consented_regions: Region[];
  consented_techniques: Technique[];
  undiscussed_risks: string[];
}

@Injectable()
export class ClearanceService {
  /** Whether the person who asks may start a session with this patient now, and if not, why. */
  async get(ctx: Ctx, patientId: string): Promise<Clearance> {
    const clearance = await this.require(ctx, patientId);
    ctx.saw(READ.clearance, { subjectId: patientId, patientId });
    return clearance;
  }

  async require(ctx: Ctx, patientId: string): Promise<Clearance> {
    const [clearance] = await ctx.tx.query<Clearance[]>('SELECT * FROM app.clearance($1)', [patientId]);
    if (!clearance) throw notFound('patient');
    return clearance;
  }
}
