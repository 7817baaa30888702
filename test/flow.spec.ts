import { makeClearedPatient, makeClinic, makeSession, type TestClinic } from './support/make.js';
import { startServer, type TestServer } from './support/server.js';

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

describe('the flow', () => {
  it('goes from registration to the end of a session', async () => {
    const { practitioner } = clinic;
    const { patientId, consentId } = await makeClearedPatient(practitioner);
    const clearance = await practitioner.api.get(`/api/patients/${patientId}/clearance`);
    expect(clearance.body).toMatchObject({ allowed: true, blockers: [] });
    const sessionId = await makeSession(practitioner, patientId);
    const manipulation = await practitioner.api.post(`/api/sessions/${sessionId}/manipulations`, {
      region: 'cervical',
      segment: 'C5/C6',
      technique: 'hvla_thrust',
      side: 'left',
      response: 'audible release',
    });
    expect(manipulation.status).toBe(201);
    const end = await practitioner.api.post(`/api/sessions/${sessionId}/end`);
    expect(end.status).toBe(200);
    expect(end.body).toMatchObject({ consentId, manipulations: [{ segment: 'C5/C6' }] });
  });
});
