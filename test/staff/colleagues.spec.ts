import { makeClinic, type TestClinic } from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

describe('GET /colleagues', () => {
  it('names everybody of the clinic, for every role, without how to reach them', async () => {
    const { status, body } = await clinic.receptionist.api.get('/api/colleagues');
    expect(status).toBe(200);
    expect(body.items).toEqual([
      { id: clinic.administrator.id, name: 'Ada Admin', role: 'administrator', profession: null },
      { id: clinic.practitioner.id, name: 'Ben Practitioner', role: 'practitioner', profession: 'chiropractor' },
      { id: clinic.colleague.id, name: 'Carla Colleague', role: 'practitioner', profession: 'physical_therapist' },
      { id: clinic.receptionist.id, name: 'Dana Reception', role: 'receptionist', profession: null },
    ]);
  });
});
