import { isUUID } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import { type AppError, Denial, NotRepeated } from '../common/errors.js';
import type { Access } from './permission.js';
import type { AuditRecord } from './transaction.js';

/** Why a person who is signed in was refused; undefined where it was merely a mistake. */
export function refusalOf(
  request: FastifyRequest,
  { operation, permission, gate }: Access,
  error: AppError | undefined,
): AuditRecord | undefined {
  if (error instanceof Denial) {
    return { action: 'denial', subject: gate ?? operation, ...addressed(request), details: { code: error.code, permission } };
  }
  if (!gate || !error || error instanceof NotRepeated || ![409, 422].includes(error.status)) return undefined;
  const details = { code: error.code, blockers: error.blockers?.map(({ code }) => code), missing: error.missing };
  return { action: 'refusal', subject: gate, ...addressed(request), details };
}

/** The record in the address. Of a refused request it may say anything. */
function addressed(request: FastifyRequest): Pick<AuditRecord, 'subjectId' | 'patientId'> {
  const { id } = request.params as { id?: string };
  if (!isUUID(id)) return {};
  return { subjectId: id, patientId: /\/patients\/:id(\/|$)/.test(request.routeOptions.url ?? '') ? id : undefined };
}
