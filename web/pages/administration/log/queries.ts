import { queryOptions } from '@tanstack/react-query';
import { type Api, ask } from '../../../api/client.ts';

export type Verification = Api['VerificationView'];

export const LOG = ['administration', 'log'] as const;
export const VERIFICATIONS = [...LOG, 'verifications'] as const;

/** Looked at again while the page is open: a halt is news. */
const EVERY_MS = 15_000;
const WHILE_RUNNING_MS = 700;

export const logQuery = queryOptions({
  queryKey: [...LOG, 'state'],
  queryFn: () => ask((api) => api.GET('/api/audit/log')),
  refetchInterval: EVERY_MS,
});

export const isUnderWay = ({ state }: Pick<Verification, 'state'>): boolean => state === 'waiting' || state === 'running';

export const verificationsQuery = queryOptions({
  queryKey: VERIFICATIONS,
  queryFn: () => ask((api) => api.GET('/api/audit/verifications')),
});

/** One with its findings; asked for again until it has ended. */
export const verificationQuery = (id: string) =>
  queryOptions({
    queryKey: [...LOG, 'verification', id],
    queryFn: () => ask((api) => api.GET('/api/audit/verifications/{id}', { params: { path: { id } } })),
    refetchInterval: ({ state: { data } }) => (data && isUnderWay(data) ? WHILE_RUNNING_MS : false),
  });
