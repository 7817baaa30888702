import { readFileSync } from 'node:fs';
import { type Answer, Caller } from '../support/api.js';
import {
  CONFIRMED,
  GIVEN,
  makeAnswers,
  makeClearedPatient,
  makeClinic,
  makeDiscussion,
  makePatient,
  makeRepresentative,
  makeScreening,
  makeSession,
  type Person,
  PROPOSAL,
  signIn,
  type TestClinic,
} from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';

interface Route {
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly hasBody: boolean;
}

const openApi = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8')) as {
  paths: Record<string, Record<string, { operationId: string; requestBody?: object; security?: object[] }>>;
};
/** All that ask who it is, save those of the way in. permissions.spec.ts names what is public. */
const routes: Route[] = Object.entries(openApi.paths)
  .filter(([path]) => !path.startsWith('/api/auth'))
  .flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { security = [] }]) => !security.some((one) => Object.keys(one).length === 0))
      .map(([method, { operationId, requestBody }]) => ({
        operation: operationId,
        method: method.toUpperCase(),
        path,
        hasBody: requestBody !== undefined,
      })),
  );

/** Who may do what: administrator, practitioner, receptionist. A route that is missing here fails. */
const MAY: Readonly<Record<string, string>> = {
  getMe: 'apr',
  getDraftKey: 'apr',
  changePassword: 'apr',
  enrolTotp: 'apr',
  confirmTotp: 'apr',
  removeTotp: 'apr',
  renewRecoveryCodes: 'apr',
  listPasskeys: 'apr',
  startPasskey: 'apr',
  addPasskey: 'apr',
  renamePasskey: 'apr',
  removePasskey: 'apr',
  listMySessions: 'apr',
  endMySession: 'apr',
  endMyOtherSessions: 'apr',
  registerPatient: '-pr',
  getToday: 'apr',
  findPatients: 'apr',
  findPatientsAlike: 'apr',
  getPatient: 'apr',
  correctPatient: '-pr',
  archivePatient: 'apr',
  restorePatient: 'apr',
  placeLegalHold: 'a--',
  listLegalHolds: 'a--',
  liftLegalHold: 'a--',
  erasePatient: 'a--',
  listErasures: 'a--',
  recordRepresentative: '-pr',
  listRepresentatives: 'apr',
  endAuthority: '-pr',
  getCurrentQuestionnaire: 'ap-',
  listQuestionnaireVersions: 'ap-',
  getQuestionnaire: 'ap-',
  publishQuestionnaire: 'a--',
  recordScreening: '-p-',
  listScreenings: 'ap-',
  approveScreening: '-p-',
  getCurrentDisclosure: 'ap-',
  getModelDisclosure: 'ap-',
  listDisclosureLanguages: 'ap-',
  getDisclosure: 'ap-',
  listDisclosureVersions: 'ap-',
  getPublicationEffect: 'a--',
  publishDisclosure: 'a--',
  openDiscussion: '-p-',
  listDiscussions: 'ap-',
  getDiscussion: 'ap-',
  discussRisk: '-p-',
  recordDecision: '-p-',
  listConsents: 'ap-',
  getConsent: 'ap-',
  withdrawConsent: 'ap-',
  getClearance: 'ap-',
  startSession: '-p-',
  listPatientReports: 'ap-',
  retractPatientReport: '-p-',
  listSessions: 'ap-',
  getSession: 'ap-',
  getStanding: 'ap-',
  recordManipulation: '-p-',
  endSession: '-p-',
  inviteStaff: 'a--',
  listColleagues: 'apr',
  listStaff: 'a--',
  changeStaff: 'a--',
  deactivateStaff: 'a--',
  renewInvitation: 'a--',
  listStaffSessions: 'a--',
  endStaffSession: 'a--',
  endStaffSessions: 'a--',
  getPolicy: 'a--',
  changePolicy: 'a--',
  getSsoProvider: 'a--',
  setSsoProvider: 'a--',
  removeSsoProvider: 'a--',
  createKey: 'a--',
  listKeys: 'a--',
  revokeKey: 'a--',
  listEvents: 'a--',
  exportEvents: 'a--',
  getLog: 'a--',
  getProof: 'a--',
  requestVerification: 'a--',
  listVerifications: 'a--',
  getVerification: 'a--',
  getConsentHistory: 'a--',
  listDisclosures: 'a--',
  countDisclosures: 'a--',
  exportDisclosures: 'a--',
  listRefusals: 'a--',
  recordLicence: 'a--',
  revokeLicence: 'a--',
};
const ROLES = ['administrator', 'practitioner', 'receptionist'] as const;
const NO_SUCH_ID = '00000000-0000-4000-8000-000000000000';

const allowed = (operation: string): (typeof ROLES)[number][] => ROLES.filter((role, index) => MAY[operation]?.[index] === role[0]);

let server: TestServer;
let clinic: TestClinic;
/** Whose people change their own accounts, which ends their sessions. */
let spare: TestClinic;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
  spare = await makeClinic(server);
});
afterAll(() => server.stop());

/** A second id may stand behind the first one. */
const at = (path: string, id: string) =>
  path
    .replace('{id}', id.split(' ')[0] ?? '')
    .replace('{code}', 'stroke')
    .replace(/\{(passkeyId|sessionId)\}/, id.split(' ')[1] ?? 'none')
    .replace('{reportId}', id.split(' ')[1] ?? NO_SUCH_ID);
const send = ({ method, path, hasBody }: Route, by: Caller, id: string, body: unknown = {}): Promise<Answer> =>
  by.call(method, at(path, id), hasBody ? body : undefined, method === 'PATCH' ? { 'if-match': '"1"' } : {});

describe('every route', () => {
  it('has a row in the table of roles', () => {
    expect(routes.map(({ operation }) => operation).sort()).toEqual(Object.keys(MAY).sort());
  });

  it.each(routes)('$operation asks who you are', async (route) => {
    const answer = await send(route, new Caller(server.url), NO_SUCH_ID);
    expect([answer.status, answer.body.code]).toEqual([401, 'not-signed-in']);
  });

  describe.each(ROLES)('for a person in the role %s', (role) => {
    it.each(routes.filter(({ operation }) => !allowed(operation).includes(role)))('refuses $operation', async (route) => {
      const answer = await send(route, clinic[role].api, NO_SUCH_ID);
      expect([answer.status, answer.body.code]).toEqual([403, 'forbidden']);
    });

    it.each(routes.filter(({ operation }) => allowed(operation).includes(role)))(
      'lets $operation through to its own checks',
      async (route) => {
        const by = route.path.startsWith('/api/me/') ? await signIn(server, spare[role].id) : clinic[role];
        const answer = await send(route, by.api, NO_SUCH_ID);
        expect([200, 201, 202, 204, 400, 404, 409]).toContain(answer.status);
      },
    );
  });

  it.each(routes.filter(({ hasBody }) => hasBody))('$operation refuses a key that it doesn’t know, and names it', async (route) => {
    const answer = await send(route, caller(route), NO_SUCH_ID, { surprise: 1 });
    expect(answer.status).toBe(400);
    expect(answer.body.errors).toContainEqual({ field: 'surprise', message: 'is no field of this request' });
  });

  it.each(routes.filter(({ hasBody }) => hasBody))('$operation refuses a body that isn’t an object', async (route) => {
    const bodies = ['[]', '"text"', '17', 'null'].map((body) =>
      caller(route).send(route.method, at(route.path, NO_SUCH_ID), body, { 'content-type': 'application/json', 'if-match': '"1"' }),
    );
    const statuses = (await Promise.all(bodies)).map(({ status }) => status);
    // A risk is marked as discussed, and nothing is corrected or changed, without a body too.
    const withoutBody = { discussRisk: 404, correctPatient: 404, changeStaff: 404, changePolicy: 200 }[route.operation];
    expect(statuses).toEqual([400, 400, 400, withoutBody ?? 400]);
  });

  it.each(routes.filter(({ path }) => path.includes('{id}')))('$operation refuses an id that is no UUID', async (route) => {
    const answer = await send(route, caller(route), '17');
    expect(answer.status).toBe(400);
    expect(answer.body.errors).toContainEqual({ field: 'id', message: 'must be a UUID' });
  });
});

/** Somebody who may call the route. */
function caller(route: Route): Caller {
  return clinic[allowed(route.operation)[0] ?? 'practitioner'].api;
}

describe('another clinic’s ids', () => {
  let own: Record<string, { id: string; body: object }>;
  let other: TestClinic;
  beforeAll(async () => {
    other = await makeClinic(server);
    own = {
      ...(await everything(other.practitioner, other.colleague)),
      ...(await everythingOfStaff(other)),
      ...(await everythingKept(other)),
      ...(await everythingLogged(other)),
    };
  });

  const withIds = routes.filter(({ path }) => path.includes('{id}'));
  it.each(withIds)('look like unknown ids to $operation', async (route) => {
    const { id, body } = own[route.operation] ?? { id: '', body: {} };
    const by = caller(route);
    const [foreign, unknown] = [await send(route, by, id, body), await send(route, by, NO_SUCH_ID, body)];
    expect(foreign.status).toBe(404);
    expect({ ...foreign.body, requestId: '' }).toEqual({ ...unknown.body, requestId: '' });

    // The same call reaches the row for somebody of that clinic: the id and the body are good.
    const theirs = await send(route, other[allowed(route.operation)[0] ?? 'practitioner'].api, id, body);
    expect([200, 201, 204, 403, 409, 412, 422]).toContain(theirs.status);
  });

  it('don’t reach what they name in a body', async () => {
    const { practitioner } = clinic;
    const patientId = await makePatient(practitioner);
    const { answers, questionnaireId } = await makeAnswers(other.practitioner);
    const screening = await practitioner.api.post(`/api/patients/${patientId}/screenings`, { questionnaireId, answers });
    expect([screening.status, screening.body.code]).toEqual([404, 'not-found']);

    await makeScreening(practitioner, patientId);
    const discussionId = await makeDiscussion(practitioner, patientId);
    const theirPatient = await makePatient(other.practitioner);
    const representative = await other.practitioner.api.post(`/api/patients/${theirPatient}/representatives`, REPRESENTATIVE);
    const decision = await practitioner.api.post(`/api/discussions/${discussionId}/consent`, {
      ...GIVEN,
      capacityConfirmed: false,
      decidedBy: { kind: 'representative', id: representative.body.id },
    });
    expect([decision.status, decision.body.code]).toEqual([422, 'consent.authority']);
  });
});

const REPRESENTATIVE = { name: 'Eva Kin', relationship: 'mother', authority: 'parental responsibility' };

/** For every route with an id: a row of this clinic, and a body that is well formed. */
async function everything(by: Person, colleague: Person): Promise<Record<string, { id: string; body: object }>> {
  const { patientId, screeningId, discussionId, consentId } = await makeClearedPatient(by);
  const sessionId = await makeSession(by, patientId);
  const waiting = await makePatient(by);
  await makeScreening(by, waiting, { earlier_reaction: { answer: 'yes' } });
  const open = await makeDiscussion(by, waiting, {}, ['stroke']);
  const { body: session } = await by.api.get(`/api/sessions/${sessionId}`);
  await by.api.post(`/api/patients/${waiting}/sessions`, { nothingChanged: false, change: 'A fall.', stillConsents: true });
  const [report] = (await by.api.get(`/api/patients/${waiting}/reports`)).body.items as { id: string }[];
  return {
    getPatient: { id: patientId, body: {} },
    correctPatient: { id: patientId, body: { phone: '+44 20 7946 0000' } },
    recordRepresentative: { id: patientId, body: REPRESENTATIVE },
    listRepresentatives: { id: patientId, body: {} },
    endAuthority: { id: await makeRepresentative(by, patientId), body: { reason: 'revoked' } },
    recordScreening: { id: patientId, body: await makeAnswers(by) },
    listScreenings: { id: patientId, body: {} },
    approveScreening: { id: screeningId, body: { reason: 'seen' } },
    listDiscussions: { id: patientId, body: {} },
    openDiscussion: { id: patientId, body: PROPOSAL },
    getDiscussion: { id: discussionId, body: {} },
    discussRisk: { id: open, body: {} },
    recordDecision: { id: open, body: GIVEN },
    listConsents: { id: patientId, body: {} },
    getConsent: { id: consentId, body: {} },
    getQuestionnaire: { id: (await by.api.get('/api/questionnaires/current')).body.id as string, body: {} },
    getDisclosure: { id: (await by.api.get('/api/disclosures/current')).body.id as string, body: {} },
    getConsentHistory: { id: consentId, body: {} },
    withdrawConsent: { id: consentId, body: { reason: 'no more', withdrawnBy: { kind: 'patient' } } },
    getClearance: { id: patientId, body: {} },
    startSession: { id: patientId, body: CONFIRMED },
    listPatientReports: { id: waiting, body: {} },
    retractPatientReport: { id: `${waiting} ${report?.id}`, body: { reason: 'a slip' } },
    listSessions: { id: patientId, body: {} },
    getSession: { id: sessionId, body: {} },
    getStanding: { id: sessionId, body: {} },
    recordManipulation: { id: sessionId, body: { region: 'lumbar', segment: 'L5', technique: 'mobilisation' } },
    endSession: { id: sessionId, body: {} },
    recordLicence: { id: colleague.id, body: { profession: 'chiropractor', authority: 'Board', number: '1' } },
    revokeLicence: { id: session.licenceId as string, body: { reason: 'left' } },
  };
}

/** The same for what becomes of a closed record. */
async function everythingKept({ administrator, practitioner }: TestClinic): Promise<Record<string, { id: string; body: object }>> {
  const patientId = await makePatient(practitioner);
  const reason = { reason: 'asked for' };
  const { body: hold } = await administrator.api.post(`/api/patients/${patientId}/legal-holds`, reason);
  return {
    archivePatient: { id: patientId, body: { reason: 'left' } },
    restorePatient: { id: patientId, body: {} },
    placeLegalHold: { id: patientId, body: reason },
    listLegalHolds: { id: patientId, body: {} },
    liftLegalHold: { id: hold.id as string, body: reason },
    erasePatient: { id: patientId, body: reason },
  };
}

/** The same for what the log has. */
async function everythingLogged({ administrator }: TestClinic): Promise<Record<string, { id: string; body: object }>> {
  const { body: events } = await administrator.api.get('/api/audit/events');
  const { body: verification } = await administrator.api.post('/api/audit/verifications');
  return {
    getProof: { id: (events.items as { id: string }[])[0]?.id ?? '', body: {} },
    getVerification: { id: verification.id as string, body: {} },
  };
}

/** The same for what administrators do. */
async function everythingOfStaff({
  administrator,
  receptionist,
  colleague,
}: TestClinic): Promise<Record<string, { id: string; body: object }>> {
  const { body: key } = await administrator.api.post('/api/api-keys', {
    label: 'Billing',
    role: 'receptionist',
    expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
  });
  const { body: sessions } = await administrator.api.get(`/api/staff/${colleague.id}/sessions`);
  const person = { id: receptionist.id, body: {} };
  return {
    changeStaff: { id: receptionist.id, body: { name: 'Dana R.' } },
    renewInvitation: person,
    listStaffSessions: person,
    endStaffSession: { id: `${colleague.id} ${sessions.items[0].id}`, body: {} },
    endStaffSessions: person,
    deactivateStaff: person,
    revokeKey: { id: key.id as string, body: {} },
  };
}
