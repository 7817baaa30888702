import type { AuditAction } from '../common/context.js';

/*
 * What the audit trail calls looks at patients' records and acts of the gate. Years of events have these names, and reports are made of them:
 * they stay, whatever the methods are called. web/messages/en/events.ts says them in words.
 */

const read = (subject: string): AuditAction => ({ action: 'read', subject });
const search = (subject: string): AuditAction => ({ action: 'search', subject });
const exported = (subject: string): AuditAction => ({ action: 'export', subject });

/** One patient's record, or a part of it. */
export const READ = {
  patient: read('getPatient'),
  representatives: read('listRepresentatives'),
  screenings: read('listScreenings'),
  clearance: read('getClearance'),
  discussions: read('listDiscussions'),
  discussion: read('getDiscussion'),
  consents: read('listConsents'),
  consent: read('getConsent'),
  consentHistory: read('getConsentHistory'),
  sessions: read('listSessions'),
  session: read('getSession'),
  patientReports: read('listPatientReports'),
  legalHolds: read('listLegalHolds'),
  proof: read('getProof'),
  verification: read('getVerification'),
} as const;

/** The patients found: the event names them in `found`. */
export const SEARCH = {
  patients: search('findPatients'),
  patientsAlike: search('findPatientsAlike'),
  today: search('getToday'),
  sessions: search('listDisclosures'),
  totals: search('countDisclosures'),
  refusals: search('listRefusals'),
  events: search('listEvents'),
  erasures: search('listErasures'),
} as const;

/** A file, recorded before its first byte leaves and again when it ended. */
export const EXPORT = {
  sessions: exported('exportDisclosures'),
  events: exported('exportEvents'),
} as const;

/** Acts that the gate, or a duty to keep, may refuse. */
export const ACT = {
  startSession: 'startSession',
  recordManipulation: 'recordManipulation',
  endSession: 'endSession',
  retractPatientReport: 'retractPatientReport',
  recordDecision: 'recordDecision',
  erasePatient: 'erasePatient',
} as const;
