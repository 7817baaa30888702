import { queryOptions } from '@tanstack/react-query';
import { ask } from '../../api/client.ts';

export const SESSIONS = ['account', 'sessions'] as const;
export const PASSKEYS = ['account', 'passkeys'] as const;

export const sessionsQuery = queryOptions({ queryKey: SESSIONS, queryFn: () => ask((api) => api.GET('/api/me/sessions')) });
export const passkeysQuery = queryOptions({ queryKey: PASSKEYS, queryFn: () => ask((api) => api.GET('/api/me/passkeys')) });
