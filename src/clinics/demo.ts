import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClientBase } from 'pg';
import { replaceDurably } from '../common/files.js';
import { hashPassword } from '../identity/passwords.js';
import { SETUP_RULES } from './clinic.rules.js';
import { modelDisclosure } from './content.js';
import { addStaff, type CreatedClinic, createClinic, publish } from './create-clinic.js';

export interface DemoAccount {
  readonly role: string;
  readonly email: string;
  readonly password: string;
}

const ADMINISTRATOR = { name: 'Ada Okafor', email: 'administrator@demo.example' };
const PEOPLE = [
  { name: 'Ben Hughes', email: 'practitioner@demo.example', role: 'practitioner', profession: 'chiropractor' },
  { name: 'Carla Moreno', email: 'practitioner2@demo.example', role: 'practitioner', profession: 'physical_therapist' },
  { name: 'Dana Petrov', email: 'receptionist@demo.example', role: 'receptionist', profession: null },
] as const;
const AUTHORITY = 'Demo Health Professions Board';

/**
 * Creates the demo clinic, with people of every role and invented licences. Returns how to sign in, and keeps it in a file.
 * Undefined when another process was quicker.
 */
export async function createDemoClinic(ownerUrl: string, dataDir: string, url: string): Promise<DemoAccount[] | undefined> {
  const accounts = [{ ...ADMINISTRATOR, role: 'administrator' }, ...PEOPLE].map(({ role, email }) => ({
    role,
    email,
    password: newPassword(),
  }));
  try {
    await createClinic(
      ownerUrl,
      { clinic: 'Demo Spine Clinic', timeZone: 'Europe/London', administrator: ADMINISTRATOR, demo: true },
      async (client, created) => {
        const tokens = await addDemoStaff(client, created);
        await publish(client, 'disclosures', await modelDisclosure('es'));
        // Before the commit: a clinic whose passwords nobody can read would lock the demo's user out.
        await keepAccounts(dataDir, url, accounts);
        return Promise.all(
          [created.token, ...tokens].map(async (token, index) => ({
            token,
            passwordHash: await hashPassword(accounts[index]?.password ?? ''),
          })),
        );
      },
    );
    return accounts;
  } catch (error) {
    if (SETUP_RULES.explain(error)?.code === 'clinic.already-set-up') return undefined;
    throw error;
  }
}

/** Invites the people and gives them licences. Returns the tokens of their invitations. */
async function addDemoStaff(client: ClientBase, { clinicId }: CreatedClinic): Promise<string[]> {
  const tokens: string[] = [];
  for (const [index, person] of PEOPLE.entries()) {
    const { id, token } = await addStaff(client, clinicId, person);
    tokens.push(token);
    if (person.profession === null) continue;
    await client.query(
      `INSERT INTO app.licences (practitioner_id, profession, authority, number, valid)
       VALUES ($1, $2, $3, $4, tstzrange(clock_timestamp() - interval '1 year', clock_timestamp() + interval '2 years'))`,
      [id, person.profession, AUTHORITY, `DEMO-${1001 + index}`],
    );
  }
  return tokens;
}

/** Rewrites the file's address, which may have changed since. Nothing to do where there is no demo. */
export async function refreshDemoUrl(dataDir: string, url: string): Promise<DemoAccount[] | undefined> {
  try {
    const { accounts, ...kept } = JSON.parse(await readFile(accountsFile(dataDir), 'utf8')) as { url: string; accounts: DemoAccount[] };
    // Left alone otherwise: root's start would make it root's file.
    if (kept.url !== url) await keepAccounts(dataDir, url, accounts);
    return accounts;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

export function accountsFile(dataDir: string): string {
  return join(dataDir, 'demo-accounts.json');
}

async function keepAccounts(dataDir: string, url: string, accounts: readonly DemoAccount[]): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await replaceDurably(accountsFile(dataDir), `${JSON.stringify({ url, accounts }, null, 2)}\n`);
}

function newPassword(): string {
  return randomBytes(12).toString('base64url');
}
