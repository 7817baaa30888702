import { connect } from 'node:net';
import { makeClearedPatient, makeClinic, makePatient, PASSWORD, type TestClinic } from '../support/make.js';
import { type ServerProcess, startServerProcess } from '../support/server.js';

const NAMES = { givenName: 'Zwetschgenrosa', familyName: 'Quittenbaum', phone: '+44 20 7946 1234', email: 'rosa@quitten.example' };
const BORN = '1951-02-03';

let server: ServerProcess;
let clinic: TestClinic;
let patientId: string;
beforeAll(async () => {
  server = await startServerProcess({ env: { LOG_LEVEL: 'trace' } });
  clinic = await makeClinic(server);
  patientId = await makePatient(clinic.practitioner, { ...NAMES, birthDate: BORN });
});
afterAll(() => server.stop());

interface Line {
  readonly level: string;
  readonly msg: string;
  readonly requestId?: string;
  readonly method?: string;
  readonly route?: string | null;
  readonly status?: number;
  readonly ms?: number;
}

const lines = (): Line[] =>
  `${server.output()}${server.errors()}`
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line);

/** A line may come a moment after the response. */
async function linesOf(requestId: string | null): Promise<Line[]> {
  for (;;) {
    const found = lines().filter((line) => line.requestId === requestId && line.msg === 'request');
    if (found.length > 0) return found;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a request', () => {
  it('is one line with method, route, status, milliseconds and id', async () => {
    const { headers } = await clinic.practitioner.api.get(`/api/patients/${patientId}`);
    const requestId = headers.get('x-request-id');
    expect(await linesOf(requestId)).toEqual([
      {
        level: 'info',
        time: expect.any(String),
        requestId,
        method: 'GET',
        route: '/api/patients/:id',
        status: 200,
        ms: expect.any(Number),
        msg: 'request',
      },
    ]);
  });

  it('that no route takes names none', async () => {
    const { headers } = await clinic.practitioner.api.get(`/api/nowhere/${NAMES.familyName}`);
    expect(await linesOf(headers.get('x-request-id'))).toMatchObject([{ route: null, status: 404 }]);
  });
});

describe('all that a server writes', () => {
  it('has no name, no date of birth, no address, no id of a patient and no token', async () => {
    const { practitioner, receptionist, administrator } = clinic;
    const cleared = await makeClearedPatient(practitioner);
    await receptionist.api.get(`/api/patients?query=${NAMES.givenName}`);
    await administrator.api.get(`/api/audit/events?text=${NAMES.familyName}&patientId=${patientId}`);
    await administrator.api.get(`/api/reports/disclosures.csv?patientId=${cleared.patientId}`);
    await practitioner.api.post('/api/patients', { ...NAMES, birthDate: BORN, surprise: NAMES.familyName });
    await practitioner.api.send('POST', '/api/patients', `{"givenName": "${NAMES.givenName}"`, { 'content-type': 'application/json' });
    await practitioner.api.send('POST', '/api/patients', NAMES.givenName, { 'content-type': 'text/plain' });
    await practitioner.api.call('POST', '/api/patients', NAMES, { origin: `https://${NAMES.familyName}.example` });
    await practitioner.api.post(`/api/patients/${patientId}/sessions`, { nothingChanged: true, stillConsents: true });
    await practitioner.api.get(`/api/patients/${NAMES.familyName}`);
    await practitioner.api.get(`/patients/${patientId}?name=${NAMES.familyName}`);
    await practitioner.api.get(`/api/patients/${NAMES.familyName.repeat(30)}`);
    await practitioner.api.post('/api/auth/sign-in', { email: NAMES.email, password: `${PASSWORD} ${NAMES.familyName}` });
    await practitioner.api.post('/api/auth/password/forgotten', { email: NAMES.email });
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    await new Promise((resolve) => {
      socket.once('close', resolve).resume().end(`GET /%zz/${NAMES.familyName} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
    });
    const { headers } = await practitioner.api.get(`/api/patients/${patientId}`);
    await linesOf(headers.get('x-request-id'));

    const written = `${server.output()}${server.errors()}`;
    const secrets = [
      ...Object.values(NAMES),
      BORN,
      PASSWORD,
      patientId,
      cleared.patientId,
      practitioner.token,
      administrator.token,
      clinic.id,
    ];
    expect(secrets.filter((text) => written.toLowerCase().includes(text.toLowerCase()))).toEqual([]);
  });
});
