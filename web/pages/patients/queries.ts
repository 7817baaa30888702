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

/** Whether the period of a consent is still open, so that it can be withdrawn: also of one that is outdated by a risk that wasn't discussed. */
export function isOpen({ inForceFrom, inForceUntil }: Pick<Api['ConsentSummary'], 'inForceFrom' | 'inForceUntil'>): boolean {
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

/** Only for whoever holds `legal-hold.read`. */
export const legalHoldsQuery = (id: string) =>
  queryOptions({
    queryKey: [...patientKey(id), 'legal-holds'],
    queryFn: () => ask((api) => api.GET('/api/patients/{id}/legal-holds', path(id))),
  });
