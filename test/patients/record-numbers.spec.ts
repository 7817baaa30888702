import { withClient } from '../support/database.js';
import { makeClinic, makePatient } from '../support/make.js';
import { startServer, type TestServer, withServer } from '../support/server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const ROSA = { givenName: 'Rosa', familyName: 'García', birthDate: '1984-05-17' };

describe('record numbers of POST /api/patients', () => {
  it('are the next free ones where none is given', async () => {
    const { receptionist } = await makeClinic(server);
    const first = (await receptionist.api.post('/api/patients', ROSA)).body.recordNumber as string;
    const next = (steps: number) => String(Number(first) + steps).padStart(6, '0');
    await makePatient(receptionist, { recordNumber: next(1) });
    const second = await receptionist.api.post('/api/patients', ROSA);
    expect(second.body.recordNumber).toBe(next(2));
  });

  it('go on after the millionth', () =>
    withServer({}, async (own) => {
      const { receptionist } = await makeClinic(own);
      await withClient(own.database.superuser, (client) => client.query(`SELECT setval('app.record_numbers', 999998)`));
      const numbers: string[] = [];
      for (let count = 0; count < 3; count += 1) numbers.push((await receptionist.api.post('/api/patients', ROSA)).body.recordNumber);
      expect(numbers).toEqual(['999999', '1000000', '1000001']);
    }));

  it('are taken once in a clinic', async () => {
    const { receptionist } = await makeClinic(server);
    await makePatient(receptionist, { recordNumber: 'Ä-1' });
    const { status, body } = await receptionist.api.post('/api/patients', { ...ROSA, recordNumber: ' A\u0308-1 ' });
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'patient.record-number-taken' });
    const { receptionist: elsewhere } = await makeClinic(server);
    expect((await elsewhere.api.post('/api/patients', { ...ROSA, recordNumber: 'Ä-1' })).status).toBe(201);
  });

  it('are taken once by eight who register at once', async () => {
    const { receptionist } = await makeClinic(server);
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => receptionist.api.post('/api/patients', { ...ROSA, recordNumber: 'B-1' })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(7).fill(409)]);
  });

  it('differ for eight who register at once without one', async () => {
    const { receptionist } = await makeClinic(server);
    const answers = await Promise.all(Array.from({ length: 8 }, () => receptionist.api.post('/api/patients', ROSA)));
    expect(new Set(answers.map(({ body }) => body.recordNumber)).size).toBe(8);
  });
});
