import { queryOptions } from '@tanstack/react-query';
import { type Api, ask } from '../../api/client.ts';

/** All that is known of one patient: what changes a record changes this key. */
export const patientKey = (id: string) => ['patients', id] as const;

const path = (id: string) => ({ params: { path: { id } } });

export const patientQuery = (id: string) =>
  queryOptions({ queryKey: [...patientKey(id), 'patient'], queryFn: () => ask((api) => api.GET('/api/patients/{id}', path(id))) });

export const clearanceQuery = (id: string) =>
  queryOptions({
    queryKey: [...patientKey(id), 'clearance'],
    queryFn: () => ask((api) => api.GET('/api/patients/{id}/clearance', path(id))),
    // It changes by itself, and somebody decides by it.
    staleTime: 0,
  });

export const screeningsQuery = (id: string) =>
  queryOptions({
    queryKey: [...patientKey(id), 'screenings'],
    queryFn: () => ask((api) => api.GET('/api/patients/{id}/screenings', path(id))),
  });

/** Whether a consent can be withdrawn: its period is still open, also where it is outdated by a risk that wasn't discussed, or a doubt has ended it. */
export function isOpen({
  state,
  inForceFrom,
  inForceUntil,
}: Pick<Api['ConsentSummary'], 'state' | 'inForceFrom' | 'inForceUntil'>): boolean {
  if (state === 'doubted') return true;
  return inForceFrom !== null && (inForceUntil === null || Date.parse(inForceUntil) > Date.now());
}

export const consentsQuery = (id: string) =>
  queryOptions({
    queryKey: [...patientKey(id), 'consents'],
    queryFn: () => ask((api) => api.GET('/api/patients/{id}/consents', path(id))),
  });

export const discussionsQuery = (id: string) =>
  queryOptions({
    queryKey: [...patientKey(id), 'discussions'],
    queryFn: () => ask((api) => api.GET('/api/patients/{id}/discussions', path(id))),
  });

export const patientSessionsQuery = (id: string) =>
  queryOptions({
    queryKey: [...patientKey(id), 'sessions'],
    queryFn: () => ask((api) => api.GET('/api/patients/{id}/sessions', path(id))),
  });

export const representativesQuery = (id: string) =>
  queryOptions({
    queryKey: [...patientKey(id), 'representatives'],
    queryFn: () => ask((api) => api.GET('/api/patients/{id}/representatives', path(id))),
  });

export const reportsQuery = (id: string) =>
  queryOptions({
    queryKey: [...patientKey(id), 'reports'],
    queryFn: () => ask((api) => api.GET('/api/patients/{id}/reports', path(id))),
  });

/** Only for roles with `legal-hold.read`. */
export const legalHoldsQuery = (id: string) =>
  queryOptions({
    queryKey: [...patientKey(id), 'legal-holds'],
    queryFn: () => ask((api) => api.GET('/api/patients/{id}/legal-holds', path(id))),
  });
