import { StreamableFile } from '@nestjs/common';
import { isUUID } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import { type AppError, Denial, NotRepeated } from '../common/errors.js';
import type { Access } from '../request/access.js';

/** What a request leaves in the record besides the changes that it made, which the database records itself. */
export interface AuditRecord {
  readonly action: 'read' | 'search' | 'export' | 'denial' | 'refusal';
  /** The route's name in the API's description. */
  readonly subject: string;
  readonly subjectId: string | undefined;
  readonly patientId: string | undefined;
  readonly details?: object | undefined;
}

/** Permissions to look at patients' records. A new route with one of them is recorded without further ado. */
const READS = new Set(['patient.read', 'clinical.read', 'legal-hold.read']);
/** Operations that show patients' records under the permission to read the record of what happened. */
const READ_OPERATIONS = new Set(['getConsentHistory']);
/** Permissions to do what the gate, or a duty to keep, may refuse. */
const GATED = new Set(['session.record', 'consent.record', 'patient.erase']);

/** What was looked at; undefined where it was no patient's record. */
export function readOf(request: FastifyRequest, { operation, permission, watched }: Access, answer: unknown): AuditRecord | undefined {
  if (request.method !== 'GET' || watched) return undefined;
  if (answer instanceof StreamableFile) return exportOf(request, operation);
  if (permission === 'report.read') return reportOf(request, operation, answer);
  if (!READS.has(permission ?? '') && !READ_OPERATIONS.has(operation)) return undefined;
  const found = foundPatients(operation, answer);
  if (found) {
    // Where nobody is listed, nobody was looked at.
    if (operation === 'getToday' && found.length === 0) return undefined;
    const details = { query: (request.query as { query?: string }).query, found };
    return { action: 'search', subject: operation, subjectId: undefined, patientId: undefined, details };
  }
  return { action: 'read', subject: operation, ...about(request, answer) };
}

/** A file that is about to leave, and what was asked for. */
function exportOf(request: FastifyRequest, operation: string): AuditRecord {
  const filters = request.query as { patientId?: string };
  return { action: 'export', subject: operation, subjectId: undefined, patientId: filters.patientId, details: { filters } };
}

/** A report's filters, and whom it showed. */
function reportOf(request: FastifyRequest, operation: string, answer: unknown): AuditRecord {
  const filters = request.query as { patientId?: string };
  const details = { filters, found: patientsOf(answer) };
  return { action: 'search', subject: operation, subjectId: undefined, patientId: filters.patientId, details };
}

/** The ids of the patients in a report's rows, each once. */
function patientsOf(answer: unknown): string[] {
  type Rows = { patientId?: string | null; patient?: { id: string } }[];
  const { items, exceptions } = answer as { items?: Rows; exceptions?: { items: Rows } };
  const rows = items ?? exceptions?.items ?? [];
  return [...new Set(rows.flatMap(({ patientId, patient }) => patientId ?? patient?.id ?? []))];
}

/** Why somebody who is signed in was refused; undefined where it was merely a mistake. */
export function refusalOf(
  request: FastifyRequest,
  { operation, permission }: Access,
  error: AppError | undefined,
): AuditRecord | undefined {
  if (error instanceof Denial) {
    return { action: 'denial', subject: operation, ...about(request), details: { code: error.code, permission } };
  }
  if (!error || error instanceof NotRepeated || ![409, 422].includes(error.status) || !GATED.has(permission ?? '')) return undefined;
  const details = { code: error.code, blockers: error.blockers?.map(({ code }) => code), missing: error.missing };
  return { action: 'refusal', subject: operation, ...about(request), details };
}

/** The ids of a page of patients, or of those on the list of what needs doing: it shows each of them. */
function foundPatients(operation: string, answer: unknown): string[] | undefined {
  if (operation === 'getToday') return patientsOf({ items: Object.values(answer as object).flat() });
  if (operation !== 'findPatients') return undefined;
  return (answer as { items: { id: string }[] }).items.map(({ id }) => id);
}

/** The record in the address, and its patient: in the address too, or in the answer. */
function about(request: FastifyRequest, answer?: unknown): Pick<AuditRecord, 'subjectId' | 'patientId'> {
  const { id } = request.params as { id?: string };
  const ofPatient = request.routeOptions.url?.startsWith('/api/patients/:id') ?? false;
  const patientId = ofPatient ? id : (answer as { patientId?: string } | undefined)?.patientId;
  // Of a refused request, the address may say anything.
  return { subjectId: isUUID(id) ? id : undefined, patientId: isUUID(patientId) ? patientId : undefined };
}
