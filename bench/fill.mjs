// A clinic with years of work, written by set-based SQL past the triggers: what they would derive is written out here. It needs a superuser.

/**
 * Treatments of eight sessions each: a screening, a discussion of five risks, a consent, then a session every ten days. A patient comes back after
 * 460 days, up to three times. Five versions of the disclosure follow each other. One region is rare, one in a thousand.
 */
const STEPS = {
  patients: `
    INSERT INTO app.patients (clinic_id, record_number, given_name, family_name, birth_date, registered_by)
    SELECT $clinic, to_char(n, 'FM000000'), (ARRAY['Rosa','José','Amélie','Wei','Aisha','Olu','Ingrid','Tomasz'])[1 + n % 8],
           (ARRAY['García','O''Brien','Nguyễn','Müller','Okafor','Smith','Kowalski'])[1 + n % 7] || ' ' || n % 997,
           DATE '1940-01-01' + n % 22000, $admin
      FROM generate_series(1, $patients) AS n`,
  versions: `
    INSERT INTO app.disclosures (clinic_id, version, language, content, published_by, published_at)
    SELECT clinic_id, n, language, content, published_by, $begin::timestamptz + (n - 1) * $span::interval / 5
      FROM app.disclosures, generate_series(2, 5) AS n WHERE clinic_id = $clinic AND version = 1;
    UPDATE app.disclosures SET published_at = $begin WHERE clinic_id = $clinic AND version = 1;
    UPDATE app.clinics SET disclosure_version = 5 WHERE id = $clinic;
    INSERT INTO app.disclosure_risks
    SELECT d.clinic_id, d.id, r.code, r.position, r.title, r.wording, r.always
      FROM app.disclosures d, app.disclosures one, app.disclosure_risks r
     WHERE d.clinic_id = $clinic AND d.version > 1 AND one.clinic_id = $clinic AND one.version = 1
       AND r.clinic_id = one.clinic_id AND r.disclosure_id = one.id`,
  treatments: `
    CREATE TEMP TABLE p AS SELECT id, row_number() OVER () - 1 AS n FROM app.patients WHERE clinic_id = $clinic;
    CREATE TEMP TABLE w AS SELECT practitioner_id, id AS licence_id, row_number() OVER () - 1 AS n FROM app.licences WHERE clinic_id = $clinic;
    CREATE TEMP TABLE t AS
    SELECT n, n % $patients AS patient, n * 7919 % $practitioners AS practitioner,
           $begin::timestamptz + (n % $patients * 7919 % $patients * 460.0 / $patients + n / $patients * 460) * interval '1 day' AS at
      FROM generate_series(0, $treatments - 1) AS n;
    ANALYZE p; ANALYZE w; ANALYZE t;
    CREATE TEMP TABLE treatments AS
    SELECT t.n, p.id AS patient_id, w.practitioner_id, w.licence_id, at,
           uuidv7(at - now()) AS screening_id, uuidv7(at - now()) AS discussion_id, uuidv7(at - now()) AS consent_id,
           CASE WHEN t.n % 1000 = 0 THEN '{sacral}' WHEN t.n % 10 < 6 THEN '{cervical,lumbar}' WHEN t.n % 10 < 8 THEN '{lumbar,pelvic}' ELSE '{thoracic}' END::text[] AS regions,
           d.id AS disclosure_id, d.version,
           COALESCE(lead(at) OVER (PARTITION BY p.id ORDER BY at), 'infinity') AS next_at
      FROM t
      JOIN p ON p.n = t.patient
      JOIN w ON w.n = t.practitioner
      JOIN app.disclosures d ON d.clinic_id = $clinic AND d.version = LEAST(5, 1 + floor(extract(epoch FROM at - $begin::timestamptz) / extract(epoch FROM $span::interval / 5)));
    ANALYZE treatments`,
  screenings: `
    INSERT INTO app.screenings (clinic_id, id, patient_id, questionnaire_id, answers, performed_by, performed_at, outcome, findings, added_risks, cleared_regions, clears)
    SELECT $clinic, screening_id, patient_id, (SELECT id FROM app.questionnaires WHERE clinic_id = $clinic), '[]', practitioner_id, at, 'cleared', '[]', '{}',
           app.regions(), tstzrange(at, LEAST(at + interval '90 days', next_at))
      FROM treatments`,
  discussions: `
    INSERT INTO app.discussions (clinic_id, id, patient_id, screening_id, disclosure_id, regions, techniques, aim, mode, language, practitioner_id, opened_at)
    SELECT $clinic, discussion_id, patient_id, screening_id, disclosure_id, regions, '{hvla_thrust,mobilisation}', 'Less pain', 'in_person', 'en', practitioner_id, at + interval '5 minutes'
      FROM treatments`,
  risks: `
    INSERT INTO app.discussed_risks (clinic_id, discussion_id, code, title, wording, discussed_by, discussed_at)
    SELECT $clinic, t.discussion_id, r.code, r.title, r.wording, t.practitioner_id, t.at + interval '6 minutes' + r.position * interval '1 minute'
      FROM treatments t JOIN app.disclosure_risks r ON r.clinic_id = $clinic AND r.disclosure_id = t.disclosure_id AND r.always`,
  consents: `
    INSERT INTO app.consents (clinic_id, id, discussion_id, patient_id, decision, regions, decided_by, capacity_confirmed, alternatives_discussed, right_to_withdraw_told,
                              teach_back, signature, recorded_by, decided_at, shown_sha256, in_force, ended_because)
    SELECT $clinic, consent_id, discussion_id, patient_id, 'given', regions, 'patient', true, true, true, 'There is a very small risk of a stroke.',
           '{"name": "Rosa García", "strokes": []}', practitioner_id, at + interval '15 minutes', sha256('x'),
           tstzrange(at + interval '15 minutes', LEAST(at + interval '365 days', next_at)), CASE WHEN next_at < at + interval '365 days' THEN 'replaced' END
      FROM treatments`,
  sessions: `
    INSERT INTO app.sessions (clinic_id, id, patient_id, practitioner_id, licence_id, screening_id, consent_id, nothing_changed, still_consents,
                              started_at, ended_at, ended_by, consented_regions, disclosure_version)
    SELECT $clinic, uuidv7(start - now()), patient_id, practitioner_id, licence_id, screening_id, consent_id, true, true,
           start, start + interval '25 minutes', practitioner_id, regions, version
      FROM treatments, generate_series(0, 7) AS visit, LATERAL (SELECT at + interval '20 minutes' + visit * interval '10 days' AS start) AS one
     ORDER BY start`,
  months: `
    DO $do$
    DECLARE month date := date_trunc('month', $begin::timestamptz);
    BEGIN
      WHILE month < date_trunc('month', now()) LOOP
        EXECUTE format('CREATE TABLE audit.%I PARTITION OF audit.events FOR VALUES FROM (%L) TO (%L)', 'events_' || to_char(month, 'YYYY_MM'),
                       month::timestamp AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC');
        month := month + interval '1 month';
      END LOOP;
    END $do$`,
  refusals: `
    INSERT INTO audit.events (id, occurred_at, clinic_id, staff_id, staff_name, staff_role, action, outcome, subject, patient_id, details, salt, details_sha256)
    SELECT uuidv7(at - now()), at, $clinic, practitioner_id, 'Practitioner', 'practitioner', 'refusal', 'failure', 'startSession', patient_id, details, 'x', sha256('x' || convert_to(details, 'UTF8'))
      FROM treatments, LATERAL (SELECT '{"code": "session.refused", "blockers": ["' || (ARRAY['consent.none', 'consent.expired', 'screening.expired'])[1 + n % 3] || '"]}' AS details) AS why
     WHERE n % 3 = 0`,
  events: `
    INSERT INTO audit.events (id, occurred_at, clinic_id, staff_id, staff_name, staff_role, action, subject, subject_id, patient_id, details, salt, details_sha256)
    SELECT uuidv7(moment - now()), moment, $clinic, practitioner_id, 'Practitioner', 'practitioner', action, subject, subject_id::text, patient_id, details, salt,
           sha256(salt || convert_to(details, 'UTF8'))
      FROM (SELECT * FROM treatments ORDER BY at) AS t, generate_series(1, $events / $treatments) AS copy,
           LATERAL (SELECT t.at + copy * interval '1 minute' AS moment,
                           CASE WHEN copy <= 12 THEN 'insert' ELSE 'read' END AS action,
                           CASE copy WHEN 1 THEN 'screenings' WHEN 2 THEN 'discussions' WHEN 8 THEN 'consents' ELSE CASE WHEN copy BETWEEN 3 AND 7 THEN 'discussed_risks' WHEN copy <= 12 THEN 'sessions' WHEN copy % 2 = 0 THEN 'getConsent' ELSE 'getPatient' END END AS subject,
                           CASE copy WHEN 1 THEN t.screening_id WHEN 8 THEN t.consent_id ELSE CASE WHEN copy <= 7 THEN t.discussion_id WHEN copy % 2 = 0 AND copy > 12 THEN t.consent_id ELSE t.patient_id END END AS subject_id,
                           CASE WHEN copy <= 12 THEN '{"new": {"code": "stroke", "title": "Stroke", "question": "question' || t.n || '"}}' END AS details,
                           CASE WHEN copy <= 12 THEN '\\x00112233445566778899aabbccddeeff'::bytea END AS salt
                   ) AS one`,
};

export async function fill(client, { clinicId, administratorId, practitioners, sessions, events }) {
  const treatments = Math.ceil(sessions / 8);
  const values = {
    clinic: `'${clinicId}'::uuid`,
    admin: `'${administratorId}'::uuid`,
    patients: Math.ceil(treatments / 3),
    practitioners,
    treatments,
    events,
    begin: `'${new Date(Date.now() - 1462 * 86_400_000).toISOString()}'`,
    span: `'1460 days'`,
  };
  await client.query('SET session_replication_role = replica; SET synchronous_commit = off; SET work_mem = 256000; SET TimeZone = UTC');
  const { rows } = await client.query(`SELECT pg_get_indexdef('audit.event_by_words'::regclass) AS words`);
  const words = rows[0].words.replace(' ON ONLY ', ' ON ');
  await client.query('DROP INDEX audit.event_by_words');
  for (const [name, sql] of Object.entries(STEPS)) {
    if (name === 'events' && events === 0) continue;
    const began = performance.now();
    await client.query(sql.replaceAll(/\$([a-z]+)(?!\$)\b/g, (place, key) => values[key] ?? place));
    console.log(`${name.padEnd(12)} ${((performance.now() - began) / 1000).toFixed(1)} s`);
  }
  // In bulk: entry by entry it takes longer than everything else.
  await client.query(`SET maintenance_work_mem = '1GB'; ${words}`);
  await client.query('RESET session_replication_role');
  await client.query('VACUUM ANALYZE');
}
