import { QueryClient, queryOptions, useQuery } from '@tanstack/react-query';
import { type Api, ask, onRefusal } from './client.ts';
import { dropDrafts, openDrafts } from './drafts.ts';
import { Problem } from './problem.ts';
import { confirmIdentity } from './step-up.ts';

export type Login = Api['LoginView'];
export type Me = NonNullable<Login['me']>;

export const queryClient = new QueryClient({
  defaultOptions: {
    // A browser that thinks it is offline may be wrong, and a call that waits for a network says nothing.
    mutations: { networkMode: 'always' },
    queries: {
      networkMode: 'always',
      staleTime: 30_000,
      // What the server refuses it refuses again; only what didn't reach it is worth another try.
      retry: (failures, error) => failures < 2 && error instanceof Problem && (error.code === 'network' || error.status >= 502),
    },
  },
});

/** How far the sign-in has come; null: not signed in. Never stale by itself: a refusal or another tab says when it changed. */
export const loginQuery = queryOptions({
  queryKey: ['login'],
  staleTime: Infinity,
  gcTime: Infinity,
  queryFn: async (): Promise<Login | null> => {
    const response = await fetch('/api/auth/session').catch(() => {
      throw Problem.network();
    });
    if (response.status === 204) return null;
    // Read in any case: a body that nobody reads keeps its connection.
    const body = (await response.json().catch(() => ({}))) as object;
    if (!response.ok) throw new Problem({ code: 'internal', title: response.statusText, ...body, status: response.status });
    const login = body as Login;
    await note(login);
    return login;
  },
});

export function useLogin(): Login | null | undefined {
  return useQuery(loginQuery).data;
}

/** Who is signed in. For pages inside the shell, where somebody is. */
export function useMe(): Me {
  const current = useLogin()?.me;
  const me = current ?? lastFull?.me;
  if (!me) throw new Error('Nobody is signed in: this page belongs into the shell.');
  return me;
}

/** Whether the person's role holds a permission, by its name in the table app.permissions: `const may = useMay(); may('patient.write')`. */
export function useMay(): (permission: string) => boolean {
  const login = useLogin();
  // Locked, a session permits nothing, but the page below the cover must stay as it was.
  const permissions = (login?.state === 'full' ? login : lastFull)?.permissions ?? [];
  return (permission) => permissions.includes(permission);
}

/** The last time that somebody was signed in fully: whose page it is that a lock covers. */
let lastFull: Login | undefined;

/** The id of that person. */
export function whosePage(): string | undefined {
  return lastFull?.me?.id;
}

const waiting = new Set<(restored: boolean) => void>();
const tabs = new BroadcastChannel('assent');

/** Takes what the server said of the session: by signing in, verifying, choosing a clinic. */
export async function setLogin(login: Login | null): Promise<void> {
  await note(login);
  queryClient.setQueryData(loginQuery.queryKey, login);
  tabs.postMessage('login');
}

async function note(login: Login | null): Promise<void> {
  if (login?.state !== 'full') return;
  if (login.me) await openDrafts(login.me.id);
  const sameAsBefore = lastFull?.me?.id === login.me?.id;
  // What somebody else saw isn't for this person.
  if (lastFull && !sameAsBefore) queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'login' });
  lastFull = login;
  for (const go of waiting) go(sameAsBefore);
  waiting.clear();
}

/** Asks the server again how far the session has come. */
export async function refreshLogin(): Promise<void> {
  await queryClient.fetchQuery({ ...loginQuery, staleTime: 0 });
}

export async function signOut(): Promise<void> {
  await ask((api) => api.POST('/api/auth/sign-out'));
  dropDrafts();
  tabs.postMessage('login');
  // A new document: nothing of what was shown stays in memory.
  location.assign('/');
}

export async function lock(): Promise<void> {
  await setLogin(await ask((api) => api.POST('/api/auth/lock')));
}

tabs.addEventListener('message', ({ data }) => {
  if (data === 'login') void refreshLogin().catch(() => undefined);
});

const UNFINISHED = new Set(['not-signed-in', 'login.locked', 'second-factor-required', 'clinic-not-chosen']);

onRefusal(async ({ code }) => {
  if (code === 'reauthentication-required') return confirmIdentity();
  // Before anybody was signed in fully there is no page to come back to: the sign-in itself shows what was refused.
  if (!UNFINISHED.has(code) || !lastFull) return false;
  const restored = new Promise<boolean>((resolve) => waiting.add(resolve));
  await refreshLogin();
  return restored;
});
