import { makeClinic, PASSWORD } from '../support/make.js';
import { withServer } from '../support/server.js';
import { makeMember } from '../support/visitor.js';

it('many people prove who they are at once, with fewer connections than people', () =>
  withServer({ env: { DATABASE_POOL_SIZE: '2' } }, async (server) => {
    const clinic = await makeClinic(server);
    const people = await Promise.all(Array.from({ length: 8 }, () => makeMember(server, clinic)));
    const proved = await Promise.all(people.map(({ visitor }) => visitor.post('/api/auth/verify', { password: PASSWORD })));
    const chosen = await Promise.all(people.map(({ visitor }) => visitor.post('/api/auth/clinic', { clinicId: clinic.id })));
    expect([...proved, ...chosen].map(({ status, body }) => [status, body.state])).toEqual(Array.from({ length: 16 }, () => [200, 'full']));
  }));
