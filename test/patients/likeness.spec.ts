import { makeClinic, makePatient } from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const WHO = { givenName: 'Margaret', familyName: 'Johnson', birthDate: '1984-05-07' };

describe('GET /api/patients/alike', () => {
  it.each([
    ['the same', {}],
    ['a typing error', { givenName: 'Margret', familyName: 'Jonson' }],
    ['a short form', { givenName: 'Peggy' }],
    ['swapped names', { givenName: 'Johnson', familyName: 'Margaret' }],
    ['other accents and case', { givenName: 'MÁRGARET', familyName: 'johnson' }],
    ['day and month swapped', { birthDate: '1984-07-05' }],
    ['one digit of the birth date off', { birthDate: '1954-05-07' }],
    ['a typing error and one digit off', { givenName: 'Margret', birthDate: '1984-05-01' }],
  ])('finds who is registered under %s', async (_, typed) => {
    const { receptionist } = await makeClinic(server);
    const id = await makePatient(receptionist, WHO);
    const { status, body } = await receptionist.api.get(`/api/patients/alike?${new URLSearchParams({ ...WHO, ...typed }).toString()}`);
    expect([status, (body.items as { id: string }[]).map((patient) => patient.id)]).toEqual([200, [id]]);
  });

  it.each([
    ['another name', { givenName: 'Wei', familyName: 'Zhou' }],
    ['another birth date', { birthDate: '1991-11-23' }],
    ['only the family name on a birth date that is near', { givenName: 'Wilhelmina', birthDate: '1984-05-01' }],
  ])('leaves out who has %s', async (_, typed) => {
    const { receptionist } = await makeClinic(server);
    await makePatient(receptionist, WHO);
    const { status, body } = await receptionist.api.get(`/api/patients/alike?${new URLSearchParams({ ...WHO, ...typed }).toString()}`);
    expect([status, body.items]).toEqual([200, []]);
  });

  it('shows nobody of another clinic', async () => {
    await makePatient((await makeClinic(server)).receptionist, WHO);
    const { receptionist } = await makeClinic(server);
    const { body } = await receptionist.api.get(`/api/patients/alike?${new URLSearchParams(WHO).toString()}`);
    expect(body.items).toEqual([]);
  });
});
