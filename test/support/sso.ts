import type { Answer } from './api.js';
import type { TestClinic } from './make.js';
import { type Account, OidcBrowser, startProvider, type TestProvider } from './oidc.js';
import type { TestServer } from './server.js';
import type { Visitor } from './visitor.js';

export interface TestSso {
  readonly provider: TestProvider;
  /** Whom the provider vouches for from now on, by subject: one person an address. Without claims: for the address, confirmed. */
  vouchFor(email: string, claims?: Account): string;
  /** Gives an address to somebody else. */
  handOver(email: string): string;
}

/** A provider that comes back to the server. Several clinics may use it. */
export async function startSso(server: TestServer): Promise<TestSso> {
  const accounts: Record<string, Account> = {};
  const subjects = new Map<string, string>();
  const newSubject = (email: string): string => {
    const subject = `person${Object.keys(accounts).length}`;
    subjects.set(email.toLowerCase(), subject);
    return subject;
  };
  const provider = await startProvider({ redirectUri: `${server.url}/api/auth/sso/callback`, accounts });
  return {
    provider,
    vouchFor: (email, claims = {}) => {
      const subject = subjects.get(email.toLowerCase()) ?? newSubject(email);
      accounts[subject] = { email, email_verified: true, ...claims };
      return subject;
    },
    handOver: (email) => {
      const subject = newSubject(email);
      accounts[subject] = { email, email_verified: true };
      return subject;
    },
  };
}

export const settingsOf = ({ issuer, clientId, clientSecret }: TestProvider) => ({ label: 'Work account', issuer, clientId, clientSecret });

export async function useProvider({ administrator }: TestClinic, provider: TestProvider): Promise<void> {
  const { status, body } = await administrator.api.put('/api/clinic/sso', settingsOf(provider));
  if (status !== 200) throw new Error(JSON.stringify(body));
}

interface WayOptions {
  readonly fresh?: boolean;
  /** At the provider. It knows again who has signed in there with it. */
  readonly browser?: OidcBrowser;
}

/** From the clinic's address to that of the callback at the end, which isn't asked for. */
export async function toCallback(visitor: Visitor, clinicId: string, subject: string, options: WayOptions = {}): Promise<string> {
  const { status, headers, body } = await visitor.get(`/api/auth/sso/${clinicId}${options.fresh ? '?fresh=true' : ''}`);
  if (status !== 302) throw new Error(JSON.stringify(body));
  const { pathname, search } = await (options.browser ?? new OidcBrowser()).visit(headers.get('location') ?? '', subject);
  return pathname + search;
}

export async function comeIn(visitor: Visitor, clinicId: string, subject: string, options: WayOptions = {}): Promise<Answer> {
  return visitor.get(await toCallback(visitor, clinicId, subject, options));
}
