import { t, tMaybe } from '../../../messages/index.ts';
import type { Change } from '../changes.tsx';
import type { AuditEvent } from './search.ts';

type Values = Readonly<Record<string, unknown>>;

/** An event as a sentence: Dr Rivera recorded a consent. */
export function wordsOf(event: AuditEvent): string {
  return t('events.sentence', {
    who: event.staffName ?? t(event.action === 'sign-in' ? 'events.nobody' : 'events.system'),
    did: didOf(event),
  });
}

function didOf(event: AuditEvent): string {
  const { action, subject, outcome } = event;
  const operation = subject ?? '';
  if (action === 'refusal') return t('events.tried', { what: attemptOf(operation) });
  if (action === 'denial') return t('events.denied', { what: attemptOf(operation) });
  if (action === 'read') return t('events.looked', { what: tMaybe('looks', operation) ?? split(operation) });
  if (action === 'search') return searchOf(operation);
  if (action === 'export') return t('events.exported', { what: tMaybe('looks', operation) ?? split(operation) });
  if (outcome === 'failure') return t('events.failedTo', { what: attemptOf(action) });
  const did = specialOf(event) ?? tMaybe('deeds', `${action} ${operation}`) ?? tMaybe('deeds', action);
  if (did !== undefined) return did;
  if (action === 'insert') return t('events.added', { what: split(operation) });
  if (action === 'update') return t('events.changed', { what: split(operation) });
  return t('events.did', { action });
}

function searchOf(operation: string): string {
  const what = tMaybe('looks', operation) ?? split(operation);
  return t(operation.startsWith('findPatients') ? 'events.searched' : 'events.looked', { what });
}

function attemptOf(operation: string): string {
  return tMaybe('attempts', operation) ?? split(operation);
}

/** Where it is the values that say what was done. */
function specialOf({ action, subject, details }: AuditEvent): string | undefined {
  const written = newOf(details);
  if (action === 'insert' && subject === 'consents' && written['decision'] === 'refused') return tMaybe('deeds', 'refused');
  if (action !== 'update') return undefined;
  if (subject === 'consents' && written['withdrawn_at']) return tMaybe('deeds', 'withdrawn');
  if (subject === 'representatives' && written['ended_at']) return tMaybe('deeds', 'authorityEnded');
  if (subject !== 'patients') return undefined;
  if ('latest_screening_id' in written) return tMaybe('deeds', 'newestScreening');
  if ('latest_consent_id' in written) return tMaybe('deeds', 'newestConsent');
  if ('archived_at' in written) return tMaybe('deeds', written['archived_at'] ? 'archived' : 'restored');
  return undefined;
}

/** list disclosures, for listDisclosures. */
function split(name: string): string {
  return name
    .replaceAll('_', ' ')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
}

function newOf(details: unknown): Values {
  const { new: written } = (details ?? {}) as { new?: Values };
  return written ?? {};
}

/** What only says whose row it is. */
const LEFT_OUT = new Set(['clinic_id']);

/** What an event wrote: the values of what changed, or whatever else is recorded with it. */
export function changesOf({ action, details }: AuditEvent): Change[] {
  const all = (details ?? {}) as Values;
  if (action !== 'insert' && action !== 'update') return Object.entries(all).map(([field, value]) => ({ field, old: null, new: value }));
  const old = (all['old'] ?? {}) as Values;
  return Object.entries(newOf(details))
    .filter(([field]) => !LEFT_OUT.has(field))
    .map(([field, value]) => ({ field, old: old[field] ?? null, new: value }));
}
