// The floor: the statements that the server sends for the same flow, straight over pg, one connection a client.
import { Client } from 'pg';
import { drive, MANIPULATION, PATIENT, PROPOSAL, SIGNATURE, TEACH_BACK } from './flow.mjs';

await drive(async ({ databaseUrl }, token) => {
  const client = new Client({ connectionString: databaseUrl, options: '-c TimeZone=UTC' });
  await client.connect();
  /** One request: the transaction that carries the token, with its statements. */
  const transaction = async (...statements) => {
    await client.query(`BEGIN; SELECT * FROM app.sign_on(${client.escapeLiteral(token)})`);
    let result;
    for (const [sql, values] of statements) result = await client.query(sql, values);
    await client.query('COMMIT');
    return result.rows;
  };

  const [questionnaire] = await transaction(['SELECT id, content FROM app.questionnaires']);
  const answers = JSON.stringify(questionnaire.content.items.map(({ code }) => ({ code, answer: 'no' })));
  const { id: clinicId } = (await transaction(['SELECT app.clinic() AS id']))[0];
  return {
    close: () => client.end(),
    async flow(step) {
      const [patient] = await step('register', () =>
        transaction([
          'INSERT INTO app.patients (given_name, family_name, birth_date, phone) VALUES ($1, $2, $3, $4) RETURNING *',
          [PATIENT.givenName, PATIENT.familyName, PATIENT.birthDate, PATIENT.phone],
        ]),
      );
      await step('screen', () =>
        transaction([
          'INSERT INTO app.screenings (patient_id, questionnaire_id, answers, advice) VALUES ($1, $2, $3, NULL) RETURNING *',
          [patient.id, questionnaire.id, answers],
        ]),
      );
      const risks = await step('open discussion', () =>
        transaction([
          `WITH discussion AS (
             INSERT INTO app.discussions (patient_id, regions, techniques, aim, mode, language) VALUES ($1, $2, $3, $4, $5, $6) RETURNING *)
           SELECT d.id, risk.code, risk.title, risk.wording
             FROM discussion d
             JOIN app.disclosure_risks risk ON risk.clinic_id = d.clinic_id AND risk.disclosure_id = d.disclosure_id
            WHERE risk.code IN (SELECT app.required_risks(d))
            ORDER BY risk.position`,
          [patient.id, PROPOSAL.regions, PROPOSAL.techniques, PROPOSAL.aim, PROPOSAL.mode, PROPOSAL.language],
        ]),
      );
      const discussionId = risks[0].id;
      for (const { code } of risks) {
        await step('discuss a risk', () =>
          transaction([
            `INSERT INTO app.discussed_risks (discussion_id, code, question, answer) VALUES ($1, $2, NULL, NULL)
             ON CONFLICT (clinic_id, discussion_id, code) DO NOTHING RETURNING *`,
            [discussionId, code],
          ]),
        );
      }
      await step('consent', () =>
        transaction([
          `INSERT INTO app.consents (discussion_id, decision, decided_by, capacity_confirmed, alternatives_discussed,
                                     right_to_withdraw_told, teach_back, signature)
           VALUES ($1, 'given', 'patient', true, true, true, $2, $3) RETURNING *`,
          [discussionId, TEACH_BACK, JSON.stringify(SIGNATURE)],
        ]),
      );
      const [session] = await step('start', () =>
        transaction([
          `INSERT INTO app.sessions (patient_id, licence_id, screening_id, consent_id, nothing_changed, still_consents)
           SELECT $1, licence_id, screening_id, consent_id, true, true FROM app.clearance($1) WHERE allowed RETURNING *`,
          [patient.id],
        ]),
      );
      await step('manipulation', () =>
        transaction([
          'INSERT INTO app.manipulations (session_id, region, segment, technique, side, response) VALUES ($1, $2, $3, $4, $5, $6) RETURNING *',
          [session.id, MANIPULATION.region, MANIPULATION.segment, MANIPULATION.technique, MANIPULATION.side, MANIPULATION.response],
        ]),
      );
      await step('end', () =>
        transaction(
          ['UPDATE app.sessions SET ended_at = now() WHERE clinic_id = $1 AND id = $2', [clinicId, session.id]],
          ['SELECT * FROM app.sessions WHERE clinic_id = $1 AND id = $2', [clinicId, session.id]],
          ['SELECT * FROM app.manipulations WHERE clinic_id = $1 AND session_id = $2 ORDER BY performed_at', [clinicId, session.id]],
        ),
      );
    },
  };
});
