import { readFileSync } from 'node:fs';
import { withClient } from '../support/database.js';
import { sealed } from '../support/log.js';
import { makeClearedPatient, makeClinic, makePatient, makeRepresentative, makeSession, type TestClinic } from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly [combination: string]: unknown;
}

interface Operation {
  readonly operationId: string;
  readonly security?: readonly object[];
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> }>>;
}

const document = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8')) as {
  paths: Record<string, { get?: Operation }>;
  components: { schemas: Record<string, Schema> };
};

/** Whether a value of this schema can hold a patient's id or name: by its properties' names, or because it says nothing about them. */
function canNamePatient(schema: Schema, seen: ReadonlySet<string> = new Set()): boolean {
  if (schema.$ref) {
    const name = schema.$ref.split('/').at(-1) ?? '';
    return !seen.has(name) && canNamePatient(document.components.schemas[name] ?? {}, new Set([...seen, name]));
  }
  const { properties = {}, items } = schema;
  const parts = ['allOf', 'anyOf', 'oneOf'].flatMap((key) => (schema[key] ?? []) as Schema[]);
  const isFree = [schema.type].flat().includes('object') && !schema.properties && parts.length === 0;
  return (
    isFree ||
    Object.keys(properties).some((name) => name === 'patientId' || name === 'recordNumber') ||
    [...Object.values(properties), ...parts, ...(items ? [items] : [])].some((part) => canNamePatient(part, seen))
  );
}

/** What isn't JSON has no schema to go by. */
const routes = Object.entries(document.paths).flatMap(([path, { get }]) => {
  const isPublic = get?.security?.some((one) => Object.keys(one).length === 0);
  const contents = Object.entries(get?.responses['200']?.content ?? {});
  const isOne = contents.some(([type, { schema }]) => type !== 'application/json' || canNamePatient(schema ?? {}));
  return get && !isPublic && isOne ? [{ operation: get.operationId, path }] : [];
});

interface Called {
  /** Of the path. */
  readonly id?: string;
  readonly query?: string;
  /** The patient whom the response names. */
  readonly patientId: string;
}

/** For each route that can show a patient: a call of it by an administrator that does. */
const RECIPES: Readonly<Record<string, () => Promise<Called> | Called>> = {
  findPatients: () => ({ query: '?query=garc', patientId: treated.patientId }),
  findPatientsAlike: () => ({ query: '?givenName=Rosa&familyName=Garcia&birthDate=1984-05-17', patientId: treated.patientId }),
  getPatient: () => ({ id: treated.patientId, patientId: treated.patientId }),
  listRepresentatives: () => ({ id: treated.patientId, patientId: treated.patientId }),
  listScreenings: () => ({ id: treated.patientId, patientId: treated.patientId }),
  listDiscussions: () => ({ id: treated.patientId, patientId: treated.patientId }),
  getDiscussion: () => ({ id: treated.discussionId, patientId: treated.patientId }),
  listConsents: () => ({ id: treated.patientId, patientId: treated.patientId }),
  getConsent: () => ({ id: treated.consentId, patientId: treated.patientId }),
  getConsentHistory: () => ({ id: treated.consentId, patientId: treated.patientId }),
  listSessions: () => ({ id: treated.patientId, patientId: treated.patientId }),
  getSession: () => ({ id: sessionId, patientId: treated.patientId }),
  getToday: () => ({ patientId: treated.patientId }),
  listPatientReports: async () => {
    const patientId = await makePatient(clinic.practitioner);
    const check = { nothingChanged: false, change: 'A fall.', stillConsents: true };
    await clinic.practitioner.api.post(`/api/patients/${patientId}/sessions`, check);
    return { id: patientId, patientId };
  },
  listLegalHolds: async () => {
    await clinic.administrator.api.post(`/api/patients/${treated.patientId}/legal-holds`, { reason: 'A claim is pending.' });
    return { id: treated.patientId, patientId: treated.patientId };
  },
  listErasures: async () => {
    const patientId = await makeErased();
    return { patientId };
  },
  listEvents: () => ({ query: '?text=rosa', patientId: treated.patientId }),
  exportEvents: () => ({ query: `?patientId=${treated.patientId}`, patientId: treated.patientId }),
  getProof: async () => {
    await sealed(server.database);
    const { body } = await clinic.administrator.api.get(`/api/audit/events?patientId=${treated.patientId}&action=insert`);
    return { id: body.items[0].id as string, patientId: treated.patientId };
  },
  listDisclosures: () => ({ patientId: treated.patientId }),
  exportDisclosures: () => ({ query: `?patientId=${treated.patientId}`, patientId: treated.patientId }),
  countDisclosures: async () => ({ patientId: await makeException() }),
  listRefusals: async () => {
    const patientId = await makePatient(clinic.practitioner);
    await clinic.practitioner.api.post(`/api/patients/${patientId}/sessions`, { nothingChanged: true, stillConsents: true });
    return { patientId };
  },
};

let server: TestServer;
let clinic: TestClinic;
let treated: Awaited<ReturnType<typeof makeClearedPatient>>;
let sessionId: string;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
  treated = await makeClearedPatient(clinic.practitioner);
  await makeRepresentative(clinic.practitioner, treated.patientId);
  sessionId = await makeSession(clinic.practitioner, treated.patientId);
});
afterAll(() => server.stop());

const owner = <T>(sql: string, values: unknown[]): Promise<T[]> =>
  withClient(server.database.superuser, async (client) => {
    await client.query('SET session_replication_role = replica');
    return (await client.query(sql, values)).rows as T[];
  });

/** A session that lacks something, which the gate never lets happen. */
async function makeException(): Promise<string> {
  const { patientId } = await makeClearedPatient(clinic.practitioner);
  const id = await makeSession(clinic.practitioner, patientId);
  await owner('UPDATE app.sessions SET disclosure_version = 99 WHERE id = $1', [id]);
  return patientId;
}

async function makeErased(): Promise<string> {
  const patientId = await makePatient(clinic.practitioner);
  await owner(
    `INSERT INTO audit.erasures (clinic_id, patient_id, staff_id, staff_name, staff_role, reason, rows_blanked, events_blanked, searches_blanked)
     VALUES ($1, $2, $3, 'Ada Admin', 'administrator', 'The retention period is over.', 1, 1, 0)`,
    [clinic.id, patientId, clinic.administrator.id],
  );
  return patientId;
}

/** A response as its reader sees it: a proof holds its event in base 64. */
function textOf(body: unknown): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const [, event = ''] = /^extra (\S+)$/m.exec(text) ?? [];
  return text + Buffer.from(event, 'base64').toString();
}

describe('a response that can name a patient', () => {
  it('has a recipe here', () => {
    expect(routes.map(({ operation }) => operation).sort()).toEqual(Object.keys(RECIPES).sort());
  });

  it.each(routes)('of $operation leaves an event that says whom it showed', async ({ operation, path }) => {
    const { id = '', query = '', patientId } = (await RECIPES[operation]?.()) ?? { patientId: '' };
    const response = await clinic.administrator.api.get(path.replace('{id}', id) + query);
    expect(response.status).toBe(200);
    const events = await owner<{ patient_id: string | null; details: string | null }>(
      `SELECT patient_id, details FROM audit.events WHERE request_id = $1 AND action IN ('read', 'search', 'export') AND subject = $2`,
      [response.headers.get('x-request-id'), operation],
    );
    expect(events.length).toBeGreaterThan(0);
    // What an export shows is in its filters.
    const named = [...events.map((event) => event.patient_id), ...events.flatMap(({ details }) => JSON.parse(details ?? '{}').found ?? [])];
    expect(named).toContain(patientId);
    expect(textOf(response.body)).toContain(patientId);
  });
});
