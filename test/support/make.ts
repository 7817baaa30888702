import { randomBytes } from 'node:crypto';
import { addStaff, createClinicBy } from '../../src/clinics/create-clinic.js';
import { hashToken, newToken } from '../../src/identity/tokens.js';
import { Caller } from './api.js';
import { withClient } from './database.js';
import type { TestServer } from './server.js';

export interface Person {
  readonly id: string;
  readonly api: Caller;
  readonly token: string;
}

export interface TestClinic {
  readonly id: string;
  readonly administrator: Person;
  readonly practitioner: Person;
  readonly colleague: Person;
  readonly receptionist: Person;
}

export const REGIONS = ['cervical', 'thoracic', 'lumbar', 'sacral', 'pelvic'];
export const TECHNIQUES = ['hvla_thrust', 'mobilisation', 'traction', 'rotation', 'instrument', 'drop_table'];
export const SIGNATURE = {
  name: 'Rosa García',
  strokes: [
    [
      [1, 2, 0],
      [3, 4, 16],
      [5.5, 6.25, 33],
    ],
  ],
};
/** Of every administrator that makeClinic makes. */
export const PASSWORD = 'correct horse battery staple';
/** Made once by hashPassword, whose cost has tests of its own. */
export const PASSWORD_HASH = '$argon2id$v=19$m=19456,t=2,p=1$mt+PRmJt9qrMCfAaFW0Oqw$WqfwQlSoZzdKdwMxpuR4/i1LgoE6G9vxnnKky7DaYcA';

/** Gives a practitioner a licence, valid from a year ago until in a year. */
export const LICENCE = `
  INSERT INTO app.licences (clinic_id, recorded_by, practitioner_id, profession, authority, number, valid)
  SELECT one.clinic_id, administrator.id, one.id, one.profession, 'Board', gen_random_uuid(),
         tstzrange(clock_timestamp() - interval '1 year', clock_timestamp() + interval '1 year')
    FROM app.staff AS one
    JOIN app.staff AS administrator ON administrator.clinic_id = one.clinic_id AND administrator.role = 'administrator'
   WHERE one.id = $1
   LIMIT 1`;

/** A clinic of its own for a test, with people of every role, licensed and signed in. */
export async function makeClinic(server: TestServer, { timeZone = 'Europe/London' } = {}): Promise<TestClinic> {
  const mark = randomBytes(5).toString('hex');
  const people: string[] = [];
  const administrator = { name: 'Ada Admin', email: `ada@${mark}.example` };
  const { clinicId, administratorId } = await withClient(server.database.owner, (owner) =>
    createClinicBy(owner, { clinic: `Clinic ${mark}`, timeZone, additional: true, administrator }, async (client, created) => {
      for (const [name, role, profession] of [
        ['Ben Practitioner', 'practitioner', 'chiropractor'],
        ['Carla Colleague', 'practitioner', 'physical_therapist'],
        ['Dana Reception', 'receptionist', null],
      ] as const) {
        const email = `${name.split(' ')[0]?.toLowerCase()}@${mark}.example`;
        const { id } = await addStaff(client, created.clinicId, { name, email, role, profession });
        people.push(id);
        if (profession === null) continue;
        await client.query(LICENCE, [id]);
      }
      return [{ token: created.token, passwordHash: PASSWORD_HASH }];
    }),
  );
  const staff = [administratorId, ...people];
  const tokens = staff.map(newToken);
  await withClient(server.database.superuser, async (client) => {
    // As if they had accepted.
    await client.query(`UPDATE app.staff SET active = tstzrange(clock_timestamp(), NULL) WHERE id = ANY ($1)`, [people]);
    await client.query(SIGN_IN, [staff, tokens.map(hashToken), 'password totp']);
  });
  const [first, practitioner, colleague, receptionist] = staff.map((id, index) => personOf(server, id, tokens[index] ?? ''));
  return { id: clinicId, administrator: first, practitioner, colleague, receptionist } as TestClinic;
}

/** Somebody more in the clinic, invited by its administrator, there and signed in; without a licence. */
export async function makeStaff(server: TestServer, clinic: TestClinic, values: object = {}): Promise<Person> {
  const invited = await clinic.administrator.api.post('/api/staff', {
    name: 'Nora New',
    email: `${randomBytes(5).toString('hex')}@new.example`,
    role: 'practitioner',
    profession: 'chiropractor',
    ...values,
  });
  if (invited.status !== 201) throw new Error(JSON.stringify(invited.body));
  const id = invited.body.staffId as string;
  await withClient(server.database.owner, (client) =>
    client.query(`UPDATE app.staff SET active = tstzrange(clock_timestamp(), NULL) WHERE id = $1`, [id]),
  );
  return signIn(server, id);
}

const SIGN_IN = `
  INSERT INTO auth.session (id, token, "userId", staff_id, methods, "expiresAt")
  SELECT gen_random_uuid(), one.token, user_id, staff.id, $3, clock_timestamp() + interval '1 hour'
    FROM unnest($1::uuid[], $2::text[]) AS one (id, token) JOIN app.staff ON staff.id = one.id`;

/** Signs a person in without the costly password check, which has tests of its own. */
export async function signIn(server: TestServer, staffId: string, methods = 'password totp'): Promise<Person> {
  const token = newToken();
  await withClient(server.database.superuser, (client) => client.query(SIGN_IN, [[staffId], [hashToken(token)], methods]));
  return personOf(server, staffId, token);
}

function personOf(server: TestServer, id: string, token: string): Person {
  return { id, token, api: new Caller(server.url, token) };
}

export async function makePatient(by: Person, values: Record<string, unknown> = {}): Promise<string> {
  return created(await by.api.post('/api/patients', { givenName: 'Rosa', familyName: 'García', birthDate: '1984-05-17', ...values }));
}

/** Answers every question with no, except for those given. */
export async function makeAnswers(
  by: Person,
  different: Record<string, object> = {},
): Promise<{ questionnaireId: string; answers: object[] }> {
  const { body } = await by.api.get('/api/questionnaires/current');
  const answers = (body.items as { code: string }[]).map(({ code }) => ({ code, answer: 'no', ...different[code] }));
  return { questionnaireId: body.id as string, answers };
}

export async function makeScreening(
  by: Person,
  patientId: string,
  different: Record<string, object> = {},
  advice?: object,
): Promise<string> {
  return created(await by.api.post(`/api/patients/${patientId}/screenings`, { ...(await makeAnswers(by, different)), advice }));
}

export const PROPOSAL = {
  regions: ['cervical', 'lumbar'],
  techniques: ['hvla_thrust', 'mobilisation'],
  aim: 'Less pain, and turning the head further.',
  mode: 'in_person',
  language: 'en',
};

/** A discussion in which every risk was discussed, save those left out. */
export async function makeDiscussion(by: Person, patientId: string, values: object = {}, leaveOut: string[] = []): Promise<string> {
  const { status, body } = await by.api.post(`/api/patients/${patientId}/discussions`, { ...PROPOSAL, ...values });
  if (status !== 201) throw new Error(JSON.stringify(body));
  for (const { code } of body.risks as { code: string }[]) {
    if (!leaveOut.includes(code)) await by.api.put(`/api/discussions/${body.id}/risks/${code}`);
  }
  return body.id as string;
}

export const GIVEN = {
  decision: 'given',
  decidedBy: { kind: 'patient' },
  capacityConfirmed: true,
  alternativesDiscussed: true,
  rightToWithdrawTold: true,
  teachBack: 'There is a very small risk of a stroke, and I may be sore for a day.',
  signature: SIGNATURE,
};

export async function makeConsent(by: Person, discussionId: string, values: object = {}): Promise<string> {
  return created(await by.api.post(`/api/discussions/${discussionId}/consent`, { ...GIVEN, ...values }));
}

export const CONFIRMED = { nothingChanged: true, stillConsents: true };

/** A patient who may be treated: screened, told every risk, consenting. */
export async function makeClearedPatient(
  by: Person,
): Promise<{ patientId: string; screeningId: string; discussionId: string; consentId: string }> {
  const patientId = await makePatient(by);
  const screeningId = await makeScreening(by, patientId);
  const discussionId = await makeDiscussion(by, patientId);
  const consentId = await makeConsent(by, discussionId);
  return { patientId, screeningId, discussionId, consentId };
}

export async function makeSession(by: Person, patientId: string): Promise<string> {
  return created(await by.api.post(`/api/patients/${patientId}/sessions`, CONFIRMED));
}

function created({ status, body }: { status: number; body: { id?: string } }): string {
  if (status !== 201 || !body.id) throw new Error(`Expected 201, got ${status}: ${JSON.stringify(body)}`);
  return body.id;
}

export async function makeRepresentative(by: Person, patientId: string, values: object = {}): Promise<string> {
  const representative = { name: 'Lucía García', relationship: 'mother', authority: 'parental responsibility, birth certificate seen' };
  return created(await by.api.post(`/api/patients/${patientId}/representatives`, { ...representative, ...values }));
}

/** A child who may be treated: a representative consents. */
export async function makeRepresentedPatient(
  by: Person,
): Promise<{ patientId: string; screeningId: string; representativeId: string; consentId: string }> {
  const patientId = await makePatient(by, { birthDate: `${new Date().getUTCFullYear() - 10}-01-01` });
  const screeningId = await makeScreening(by, patientId);
  const representativeId = await makeRepresentative(by, patientId);
  const decidedBy = { kind: 'representative', id: representativeId };
  const consentId = await makeConsent(by, await makeDiscussion(by, patientId), { decidedBy });
  return { patientId, screeningId, representativeId, consentId };
}

/** The text in force, as an administrator could publish it again. */
export async function currentText(
  by: Person,
  kind: 'questionnaires' | 'disclosures',
  language = 'en',
  // oxlint-disable-next-line typescript/no-explicit-any -- as an Answer's body
): Promise<Record<string, any>> {
  const { body } = await by.api.get(`/api/${kind}/current?language=${language}`);
  return Object.fromEntries(Object.entries(body).filter(([key]) => !['id', 'version', 'publishedAt', 'contentSha256'].includes(key)));
}

/** Publishes the disclosure in force again, with changes. */
export async function makeDisclosure(by: Person, values: object = {}): Promise<string> {
  return created(await by.api.post('/api/disclosures', { ...(await currentText(by, 'disclosures')), requiresReconsent: false, ...values }));
}

const PERIODS = { licences: 'valid', screenings: 'clears', consents: 'in_force', representatives: 'valid' };

/** Lets a period end a second ago, which the API can't do and a test doesn't wait for. */
export async function expire(server: TestServer, table: keyof typeof PERIODS, id: string): Promise<void> {
  const period = PERIODS[table];
  await withClient(server.database.superuser, async (client) => {
    await client.query('SET session_replication_role = replica');
    const { rowCount } = await client.query(
      `UPDATE app.${table}
          SET ${period} = tstzrange(lower(${period}) - interval '1 day', clock_timestamp() - interval '1 second')
        WHERE id = $1`,
      [id],
    );
    if (rowCount !== 1) throw new Error(`${table} has no ${id}`);
  });
}

/** A clinic's policy, which no route changes yet. */
export async function setPolicy(
  server: TestServer,
  clinic: TestClinic,
  policy: { adult_age_years?: number; screening_valid_days?: number; consent_valid_days?: number },
): Promise<void> {
  await withClient(server.database.superuser, async (client) => {
    for (const [name, value] of Object.entries(policy)) {
      await client.query(`UPDATE app.clinics SET ${name} = $1 WHERE id = $2`, [value, clinic.id]);
    }
  });
}
