import { CLINIC_RULES } from './clinics/clinic.rules.js';
import { RuleBook } from './common/rules.js';
import { CONSENT_RULES } from './consent/consent.rules.js';
import { IDENTITY_RULES } from './identity/identity.rules.js';
import { KEY_RULES } from './keys/keys.rules.js';
import { PATIENT_RULES } from './patients/patient.rules.js';
import { RETENTION_RULES } from './retention/retention.rules.js';
import { SCREENING_RULES } from './screening/screening.rules.js';
import { SESSION_RULES } from './sessions/session.rules.js';
import { LICENCE_RULES } from './staff/licence.rules.js';
import { STAFF_RULES } from './staff/staff.rules.js';

/** Every rule of the database that a request can run into, in the caller's words. Each subject has its own beside it. */
export const RULES = new RuleBook([
  CLINIC_RULES,
  STAFF_RULES,
  LICENCE_RULES,
  IDENTITY_RULES,
  KEY_RULES,
  PATIENT_RULES,
  SCREENING_RULES,
  CONSENT_RULES,
  SESSION_RULES,
  RETENTION_RULES,
]);
