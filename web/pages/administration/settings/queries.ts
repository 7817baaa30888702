import { queryOptions } from '@tanstack/react-query';
import { type Api, ask } from '../../../api/client.ts';
import { asProblem } from '../../../api/problem.ts';

export const POLICY = ['administration', 'policy'] as const;
export const SSO = ['administration', 'sso'] as const;
export const KEYS = ['administration', 'keys'] as const;

export const policyQuery = queryOptions({ queryKey: POLICY, queryFn: () => ask((api) => api.GET('/api/clinic/policy')) });

/** Null: none is set up. */
export const ssoQuery = queryOptions({
  queryKey: SSO,
  queryFn: async (): Promise<Api['SsoProviderView'] | null> => {
    try {
      return await ask((api) => api.GET('/api/clinic/sso'));
    } catch (error) {
      if (asProblem(error).code === 'not-found') return null;
      throw error;
    }
  },
});

export const keysQuery = queryOptions({ queryKey: KEYS, queryFn: () => ask((api) => api.GET('/api/api-keys')) });

export const signInsQuery = (failed: boolean) =>
  queryOptions({
    queryKey: ['administration', 'sign-ins', failed],
    queryFn: () =>
      ask((api) =>
        api.GET('/api/audit/events', { params: { query: { action: 'sign-in', ...(failed ? { outcome: 'failure' as const } : {}) } } }),
      ),
  });
