import * as fc from 'fast-check';
import { type Act, acts } from '../support/acts.js';
import { makeClinic, makePatient } from '../support/make.js';
import { Model } from '../support/model.js';
import { startServer, type TestServer } from '../support/server.js';
import { asSuperuser } from '../support/sql.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

describe('any sequence of acts', () => {
  it('is answered as a small model says, and leaves every session and manipulation covered', async () => {
    let sessions = 0;
    await fc.assert(
      fc.asyncProperty(acts, async (sequence: Act[]) => {
        const clinic = await makeClinic(server);
        const model = new Model(clinic, [await makePatient(clinic.practitioner), await makePatient(clinic.practitioner)]);
        for (const act of sequence) {
          const { expected, answered } = await model.perform(act);
          expect({ act, answered }).toEqual({ act, answered: expected });
        }
        expect(await uncovered(clinic.id)).toEqual([]);
        const [count] = await asSuperuser(server, 'SELECT count(*)::int AS sessions FROM app.sessions WHERE clinic_id = $1', [clinic.id]);
        expect(count).toEqual({ sessions: model.sessions });
        sessions += model.sessions;
      }),
      { numRuns: 30 },
    );
    // The sequences get as far as treating somebody, or all of this would say nothing.
    expect(sessions).toBeGreaterThan(0);
  });
});

/** The promise, in one query that shares nothing with the gate: what isn't covered by a licence, a screening, and an informed consent. */
function uncovered(clinicId: string): Promise<Record<string, string>[]> {
  return asSuperuser(
    server,
    `WITH treated AS (
       SELECT id, patient_id, practitioner_id, licence_id, screening_id, consent_id, started_at AS at FROM app.sessions WHERE clinic_id = $1
        UNION ALL
       SELECT id, patient_id, practitioner_id, licence_id, screening_id, consent_id, performed_at FROM app.manipulations WHERE clinic_id = $1)
     SELECT t.id
       FROM treated t
      WHERE NOT EXISTS (SELECT FROM app.licences   l WHERE l.id = t.licence_id   AND l.practitioner_id = t.practitioner_id AND l.valid    @> t.at)
         OR NOT EXISTS (SELECT FROM app.screenings s WHERE s.id = t.screening_id AND s.patient_id      = t.patient_id      AND s.clears   @> t.at)
         OR NOT EXISTS (SELECT FROM app.consents   c WHERE c.id = t.consent_id   AND c.patient_id      = t.patient_id      AND c.in_force @> t.at
                                                       AND c.decision = 'given' AND (c.withdrawn_at IS NULL OR c.withdrawn_at > t.at))
         OR EXISTS (SELECT FROM app.consents c
                      JOIN app.discussions d      ON d.id = c.discussion_id
                      JOIN app.disclosure_risks r ON r.disclosure_id = d.disclosure_id
                      JOIN app.screenings s       ON s.id = t.screening_id
                     WHERE c.id = t.consent_id AND (r.always OR r.code = ANY (s.added_risks))
                       AND NOT EXISTS (SELECT FROM app.discussed_risks told
                                        WHERE told.discussion_id = d.id AND told.code = r.code AND told.discussed_at < c.decided_at))
      UNION ALL
     SELECT m.id
       FROM app.manipulations m JOIN app.consents c ON c.id = m.consent_id JOIN app.screenings s ON s.id = m.screening_id
      WHERE m.clinic_id = $1 AND NOT (m.region = ANY (c.regions) AND m.region = ANY (s.cleared_regions))`,
    [clinicId],
  );
}
