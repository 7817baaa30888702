import {
  CONFIRMED,
  makeClearedPatient,
  makeClinic,
  makeConsent,
  makeDisclosure,
  makeDiscussion,
  makePatient,
  makeRepresentative,
  makeScreening,
  makeSession,
  type TestClinic,
} from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';
import { asSuperuser } from '../support/sql.js';

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
});
beforeEach(async () => {
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

interface Row {
  readonly sessionId: string;
  readonly startedAt: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- as an Answer's body
  readonly [field: string]: any;
}

async function ask(path: string): Promise<{ items: Row[]; nextCursor: string | null }> {
  const { status, body } = await clinic.administrator.api.get(`/api/reports/${path}`);
  expect({ status, body: status === 200 ? {} : body }).toEqual({ status: 200, body: {} });
  return body as { items: Row[]; nextCursor: string | null };
}
const sessionsOf = async (query = '') => (await ask(`disclosures${query}`)).items.map(({ sessionId }) => sessionId);

/** Of the administrator, whose reports are what is looked at; the newest first. */
const looks = async () => {
  const { body } = await clinic.administrator.api.get(`/api/audit/events?staffId=${clinic.administrator.id}`);
  // oxlint-disable-next-line typescript/no-explicit-any -- as an Answer's body
  return (body.items as any[]).filter(
    ({ action, subject }) => ['read', 'search', 'export'].includes(action as string) && subject !== 'listEvents',
  );
};

describe('GET /reports/disclosures', () => {
  it('shows a session with its consent, and each risk with how long before the start it was discussed', async () => {
    const { patientId, discussionId, consentId } = await makeClearedPatient(clinic.practitioner);
    const sessionId = await makeSession(clinic.practitioner, patientId);
    // As if the discussion had been an hour and a half a second earlier.
    await asSuperuser(
      server,
      `SET session_replication_role = replica;
       UPDATE app.discussed_risks SET discussed_at = (SELECT started_at FROM app.sessions WHERE id = '${sessionId}') - interval '3600.5 seconds'
        WHERE discussion_id = '${discussionId}' AND code = 'stroke'`,
    );
    const { items, nextCursor } = await ask('disclosures');
    expect(nextCursor).toBeNull();
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({
      sessionId,
      practitioner: { id: clinic.practitioner.id, name: 'Ben Practitioner' },
      patient: { id: patientId, recordNumber: expect.stringMatching(/^\d{6}$/), givenName: 'Rosa', familyName: 'García' },
      consent: {
        id: consentId,
        decidedBy: 'patient',
        representative: null,
        mode: 'in_person',
        language: 'en',
        interpreter: null,
        regions: ['cervical', 'lumbar'],
      },
      disclosure: { id: expect.any(String), version: 1 },
      discussionId,
    });
    const by = { id: clinic.practitioner.id, name: 'Ben Practitioner' };
    expect(items[0]?.['risks'][0]).toEqual({
      code: 'stroke',
      title: 'Stroke, or damage to a blood vessel in the neck',
      discussedAt: expect.any(String),
      discussedBy: by,
      secondsBeforeStart: 3600,
    });
    expect(items[0]?.['risks'].map(({ code }: { code: string }) => code).sort()).toEqual(
      ['disc_injury', 'headache', 'local_soreness', 'nerve_damage', 'stroke'].sort(),
    );
    expect(items[0]?.['consent'].decidedAt < (items[0]?.startedAt ?? '')).toBe(true);
  });

  it('shows beside a session what the patient reported since the session before', async () => {
    const { practitioner, administrator } = clinic;
    const { patientId } = await makeClearedPatient(practitioner);
    const start = (check: object) => practitioner.api.post(`/api/patients/${patientId}/sessions`, check);
    const end = async (sessionId: string) => practitioner.api.post(`/api/sessions/${sessionId}/end`);
    await start({ nothingChanged: false, change: 'A fall.', stillConsents: true });
    await makeScreening(practitioner, patientId);
    const first = await makeSession(practitioner, patientId);
    await end(first);
    await start({ nothingChanged: true, stillConsents: false, doubt: 'Not today.' });
    const [slip] = (await practitioner.api.get(`/api/patients/${patientId}/reports`)).body.items as { id: string }[];
    await practitioner.api.post(`/api/patients/${patientId}/reports/${slip?.id}/retraction`, { reason: 'The wrong button.' });
    const second = await makeSession(practitioner, patientId);
    await end(second);
    const third = await makeSession(practitioner, patientId);

    const { items } = (await administrator.api.get(`/api/reports/disclosures?patientId=${patientId}`)).body;
    const recordedBy = { id: practitioner.id, name: 'Ben Practitioner' };
    expect(items.map((row: Record<string, unknown>) => [row['sessionId'], row['reports']])).toEqual([
      [third, []],
      [second, [{ kind: 'doubt', words: 'Not today.', reportedAt: expect.any(String), recordedBy, retractedAt: expect.any(String) }]],
      [first, [{ kind: 'change', words: 'A fall.', reportedAt: expect.any(String), recordedBy, retractedAt: null }]],
    ]);
    const { body: csv } = await administrator.api.get(`/api/reports/disclosures.csv?patientId=${patientId}`);
    expect(csv).toMatch(/,doubt \S+Z \(retracted\): Not today\.,/);
    expect(csv).toMatch(/,change \S+Z: A fall\.,/);
  });

  it('names the representative who decided', async () => {
    const patientId = await makePatient(clinic.practitioner, { birthDate: `${new Date().getUTCFullYear() - 10}-01-01` });
    await makeScreening(clinic.practitioner, patientId);
    const representativeId = await makeRepresentative(clinic.practitioner, patientId);
    await makeConsent(clinic.practitioner, await makeDiscussion(clinic.practitioner, patientId, { mode: 'video', interpreter: 'Ines' }), {
      decidedBy: { kind: 'representative', id: representativeId },
    });
    await makeSession(clinic.practitioner, patientId);
    expect((await ask('disclosures')).items[0]?.['consent']).toMatchObject({
      decidedBy: 'representative',
      representative: { id: representativeId, name: 'Lucía García', relationship: 'mother' },
      mode: 'video',
      interpreter: 'Ines',
    });
  });

  it('is filtered by practitioner, patient, region, version and period, and by several at once', async () => {
    const first = await makeClearedPatient(clinic.practitioner);
    const old = await makeSession(clinic.practitioner, first.patientId);
    await makeDisclosure(clinic.administrator);
    const patientId = await makePatient(clinic.colleague);
    await makeScreening(clinic.colleague, patientId);
    await makeConsent(clinic.colleague, await makeDiscussion(clinic.colleague, patientId, { regions: ['pelvic'] }));
    const recent = await makeSession(clinic.colleague, patientId);

    expect(await sessionsOf()).toEqual([recent, old]);
    expect(await sessionsOf(`?practitionerId=${clinic.practitioner.id}`)).toEqual([old]);
    expect(await sessionsOf(`?patientId=${patientId}`)).toEqual([recent]);
    expect(await sessionsOf('?region=pelvic')).toEqual([recent]);
    expect(await sessionsOf('?region=cervical')).toEqual([old]);
    expect(await sessionsOf('?region=sacral')).toEqual([]);
    expect(await sessionsOf('?disclosureVersion=1')).toEqual([old]);
    expect(await sessionsOf('?disclosureVersion=2')).toEqual([recent]);
    expect(await sessionsOf(`?disclosureVersion=2&region=cervical`)).toEqual([]);
    expect(await sessionsOf(`?disclosureVersion=2&region=pelvic&patientId=${patientId}`)).toEqual([recent]);

    const [{ at }] = (await asSuperuser(
      server,
      `SELECT to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at FROM app.sessions WHERE id = $1`,
      [recent],
    )) as [{ at: string }];
    expect(await sessionsOf(`?from=${at}`)).toEqual([recent]);
    expect(await sessionsOf(`?until=${at}`)).toEqual([old]);
    const today = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/London' }).format(new Date(at));
    expect(await sessionsOf(`?until=${today}`)).toEqual([recent, old]);
    expect(await sessionsOf(`?until=2001-01-01`)).toEqual([]);
  });

  it('takes a day for the clinic’s own', async () => {
    const zone = 'Pacific/Auckland';
    clinic = await makeClinic(server, { timeZone: zone });
    const sessionId = await makeSession(clinic.practitioner, (await makeClearedPatient(clinic.practitioner)).patientId);
    // Half past ten in the evening of 1 March there is the morning of that day in UTC; half past one in the morning of the 2nd is still the 1st.
    const move = (instant: string) =>
      asSuperuser(
        server,
        `SET session_replication_role = replica; UPDATE app.sessions SET started_at = '${instant}' WHERE id = '${sessionId}'`,
      );
    await move('2026-03-01 22:30 Pacific/Auckland');
    expect(await sessionsOf('?from=2026-03-01&until=2026-03-01')).toEqual([sessionId]);
    await move('2026-03-02 01:30 Pacific/Auckland');
    expect(await sessionsOf('?from=2026-03-01&until=2026-03-01')).toEqual([]);
    expect(await sessionsOf('?from=2026-03-02&until=2026-03-02')).toEqual([sessionId]);
  });

  it('goes on page by page, each session once, also where several started at the same instant', async () => {
    const sessionId = await makeSession(clinic.practitioner, (await makeClearedPatient(clinic.practitioner)).patientId);
    await asSuperuser(
      server,
      `SET session_replication_role = replica;
       INSERT INTO app.sessions (clinic_id, patient_id, practitioner_id, licence_id, screening_id, consent_id, nothing_changed, still_consents,
                                 started_at, ended_at, ended_by, consented_regions, disclosure_version)
       SELECT clinic_id, patient_id, practitioner_id, licence_id, screening_id, consent_id, true, true,
              started_at + n / 7 * interval '1 microsecond', started_at + interval '1 hour', practitioner_id, consented_regions, disclosure_version
         FROM app.sessions, generate_series(1, 249) AS n WHERE id = '${sessionId}'`,
    );
    const seen: string[] = [];
    const sizes: number[] = [];
    let cursor: string | null = null;
    do {
      const page: { items: Row[]; nextCursor: string | null } = await ask(
        `disclosures?region=lumbar${cursor === null ? '' : `&cursor=${cursor}`}`,
      );
      sizes.push(page.items.length);
      seen.push(...page.items.map((row) => row.sessionId));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(sizes).toEqual([100, 100, 50]);
    const ordered = await asSuperuser(server, 'SELECT id FROM app.sessions WHERE clinic_id = $1 ORDER BY started_at DESC, id DESC', [
      clinic.id,
    ]);
    expect(seen).toEqual(ordered.map(({ id }) => id));
  });

  it('shows a session whose consent is gone, as one without', async () => {
    const { patientId, consentId } = await makeClearedPatient(clinic.practitioner);
    const sessionId = await makeSession(clinic.practitioner, patientId);
    await asSuperuser(server, `SET session_replication_role = replica; DELETE FROM app.consents WHERE id = '${consentId}'`);
    expect((await ask('disclosures')).items).toEqual([
      expect.objectContaining({ sessionId, consent: null, disclosure: null, discussionId: null, risks: [] }),
    ]);
  });

  it('leaves a look in the record: the filters, and whom it showed', async () => {
    const one = await makeClearedPatient(clinic.practitioner);
    await makeSession(clinic.practitioner, one.patientId);
    const other = await makeClearedPatient(clinic.practitioner);
    await makeSession(clinic.practitioner, other.patientId);
    await ask('disclosures?region=lumbar');
    await ask(`disclosures?patientId=${one.patientId}`);
    await ask('disclosures/totals');
    const [totals, ofPatient, ofRegion] = await looks();
    expect(ofRegion).toMatchObject({
      action: 'search',
      subject: 'listDisclosures',
      patientId: null,
      details: { filters: { region: 'lumbar' } },
    });
    expect(ofRegion.details.found.sort()).toEqual([one.patientId, other.patientId].sort());
    expect(ofPatient).toMatchObject({ action: 'search', patientId: one.patientId, details: { found: [one.patientId] } });
    expect(totals).toMatchObject({ action: 'search', subject: 'countDisclosures', details: { filters: {}, found: [] } });
  });
});

describe('GET /reports/refusals', () => {
  it('shows who was refused a start and why, newest first, and nothing else that was refused', async () => {
    const one = await makePatient(clinic.practitioner);
    await clinic.practitioner.api.post(`/api/patients/${one}/sessions`, CONFIRMED);
    const other = await makePatient(clinic.colleague);
    await makeScreening(clinic.colleague, other);
    await clinic.colleague.api.post(`/api/patients/${other}/sessions`, CONFIRMED);
    const discussionId = await makeDiscussion(clinic.colleague, other, {}, ['stroke']);
    await clinic.colleague.api.post(`/api/discussions/${discussionId}/consent`, { decision: 'given', decidedBy: { kind: 'patient' } });

    const { items } = await ask('refusals');
    expect(items).toEqual([
      {
        eventId: expect.any(String),
        refusedAt: expect.any(String),
        practitioner: { id: clinic.colleague.id, name: 'Carla Colleague' },
        patientId: other,
        patient: { id: other, recordNumber: expect.stringMatching(/^\d{6}$/), givenName: 'Rosa', familyName: 'García' },
        blockers: ['consent.none'],
      },
      expect.objectContaining({ patientId: one, blockers: ['screening.none', 'consent.none'] }),
    ]);
    expect((await ask(`refusals?patientId=${one}`)).items).toHaveLength(1);
    expect((await ask(`refusals?practitionerId=${clinic.colleague.id}`)).items.map(({ patientId }) => patientId as string)).toEqual([
      other,
    ]);
    expect((await ask('refusals?until=2001-01-01')).items).toEqual([]);
    expect((await ask(`refusals?cursor=${items[0]?.['eventId']}`)).items.map(({ patientId }) => patientId as string)).toEqual([one]);
    const shown = (await looks())[4];
    expect(shown).toMatchObject({ action: 'search', subject: 'listRefusals', details: { found: [other, one] } });
  });
});

describe('every report', () => {
  const routes = ['disclosures', 'disclosures/totals', 'disclosures.csv', 'refusals'];

  it('is each clinic’s own', async () => {
    const other = await makeClinic(server);
    const { patientId } = await makeClearedPatient(other.practitioner);
    const sessionId = await makeSession(other.practitioner, patientId);
    const waiting = await makePatient(other.practitioner);
    await other.practitioner.api.post(`/api/patients/${waiting}/sessions`, CONFIRMED);
    expect(await sessionsOf()).toEqual([]);
    expect(await sessionsOf(`?patientId=${patientId}`)).toEqual([]);
    expect((await ask('refusals')).items).toEqual([]);
    expect(await ask('disclosures/totals')).toMatchObject({ sessions: 0, risksDiscussed: 0, refusals: { count: 0 } });
    const { body } = await clinic.administrator.api.get('/api/reports/disclosures.csv');
    expect((body as string).split('\r\n')).toHaveLength(2);
    const stolen = await clinic.administrator.api.get(`/api/reports/disclosures?cursor=${sessionId}`);
    expect([stolen.status, stolen.body.errors[0].field]).toEqual([400, 'cursor']);
  });

  const wrong: [string, string][] = [
    ['from=yesterday', 'from'],
    ['from=2026-02-30', 'from'],
    ['until=2026-01-01T00:00:00', 'until'],
    ['from=2026-01-02&until=2026-01-01', 'until'],
    ['practitionerId=x', 'practitionerId'],
    ['patientId=1', 'patientId'],
    ['from=2026-01-01&from=2026-01-02', 'from'],
    ['clinicId=x', 'clinicId'],
  ];
  const cited: [string, string][] = [
    ['region=neck', 'region'],
    ['region=cervical&region=lumbar', 'region'],
    [`region=${encodeURIComponent(`x' = ANY (s.consented_regions) OR true --`)}`, 'region'],
    ['disclosureVersion=0', 'disclosureVersion'],
    ['disclosureVersion=1.5', 'disclosureVersion'],
    ['disclosureVersion=99999999999', 'disclosureVersion'],
    ['disclosureVersion=one', 'disclosureVersion'],
  ];
  it.each([
    ...routes.flatMap((route) => wrong.map(([query, field]) => [route, query, field] as const)),
    ...routes.slice(0, 3).flatMap((route) => cited.map(([query, field]) => [route, query, field] as const)),
    ['disclosures', 'cursor=x', 'cursor'],
    ['disclosures', 'cursor=00000000-0000-4000-8000-000000000000', 'cursor'],
    ['refusals', 'region=lumbar', 'region'],
    ['refusals', 'disclosureVersion=1', 'disclosureVersion'],
    ['disclosures.csv', 'cursor=00000000-0000-4000-8000-000000000000', 'cursor'],
  ] as const)('%s is not asked for with %s', async (route, query, field) => {
    const { status, body } = await clinic.administrator.api.get(`/api/reports/${route}?${query}`);
    expect({ status, fields: body.errors?.map((error: { field: string }) => error.field) }).toEqual({ status: 400, fields: [field] });
    expect(await looks()).toEqual([]);
  });
});
