import { withDatabase } from '../support/database.js';
import { findings, rowsOf, tamper, until, verify } from '../support/log.js';
import { makeClinic, signIn } from '../support/make.js';
import { startServer, withServer } from '../support/server.js';

it('an event that was altered or removed before it was sealed doesn’t get into the log, keeps no other out of it, and is named', async () => {
  await withDatabase({}, async (database) => {
    const first = await startServer({ shared: database });
    const { administrator } = await makeClinic(first);
    await first.stop();
    await tamper(database, async (client) => {
      // More than a batch, of which the first two are altered.
      await client.query(
        `DO $$ BEGIN FOR n IN 1 .. 5000 LOOP PERFORM audit.record('read', 'success', 'getPatient', n::text, NULL, NULL); END LOOP; END $$`,
      );
      await client.query(`UPDATE audit.events SET outcome = 'failure' WHERE subject_id = '1'`);
      await client.query(`DELETE FROM audit.events WHERE subject_id = '2'`);
    });
    await withServer({ shared: database }, async (server) => {
      const { api } = await signIn(server, administrator.id);
      await until(async () => Boolean((await api.get('/api/audit/log')).body.problem));
      await until(async () => (await rowsOf(database, 'SELECT FROM audit.unsealed')).length === 2);
      const { body } = await api.get('/api/audit/log');
      expect(body).toMatchObject({
        halted: false,
        waiting: 2,
        problem: expect.stringMatching(/^2 events aren't any more what was recorded/),
      });
    });
    const ended = await verify(database);
    expect(ended).toMatchObject({ code: 1, stderr: '' });
    expect(findings(ended).map((line) => line.replace(/^event \S+/, 'event'))).toEqual([
      'event was changed before it got into the log',
      'event was removed before it got into the log',
    ]);
  });
});
