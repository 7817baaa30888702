import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { exportOf, linesOf, publicKeyOf, sealed, Verifiers } from '../support/exports.js';
import { makeClearedPatient, makeClinic, makePatient, makeStaff, type TestClinic } from '../support/make.js';
import { runCli } from '../support/process.js';
import { startServer, type TestServer, withServer } from '../support/server.js';
import { asSuperuser } from '../support/sql.js';

let server: TestServer;
let clinic: TestClinic;
let other: TestClinic;
let verifiers: Verifiers;
beforeAll(async () => {
  [server, verifiers] = await Promise.all([startServer(), Verifiers.open()]);
  [clinic, other] = [await makeClinic(server), await makeClinic(server)];
  // So that their events lie between each other.
  for (let round = 0; round < 4; round += 1) {
    await makePatient(clinic.practitioner);
    await makePatient(other.practitioner);
    await sealed(server);
  }
});
afterAll(async () => {
  await server.stop();
  await verifiers.close();
});

const eventsIn = (text: string) => linesOf(text).filter((line) => 'index' in line);
const entriesIn = (text: string) => eventsIn(text).map(({ entry }) => JSON.parse(entry));
const ids = (text: string): string[] => entriesIn(text).map(({ id }) => id);
async function leavesOf(clinicId: string, where = 'true'): Promise<string[]> {
  const rows = await asSuperuser(
    server,
    `SELECT event_id FROM audit.leaves l JOIN audit.events e ON e.id = event_id WHERE l.clinic_id = $1 AND ${where} ORDER BY leaf_index`,
    [clinicId],
  );
  return rows.map((row) => row['event_id'] ?? '');
}
async function exportsIn(by: TestClinic): Promise<object[]> {
  const rows = await asSuperuser(server, `SELECT * FROM audit.events WHERE clinic_id = $1 AND action = 'export' ORDER BY id`, [by.id]);
  return rows.map(({ subject, staff_id: staffId, patient_id: patientId, details }) => {
    return { subject, staffId, patientId, details: JSON.parse(details ?? '') };
  });
}

describe('GET /audit/export', () => {
  it('is a file of lines, to save under a name', async () => {
    const { status, headers } = await clinic.administrator.api.get('/api/audit/export');
    expect({
      status,
      type: headers.get('content-type'),
      cache: headers.get('cache-control'),
      name: headers.get('content-disposition'),
    }).toEqual({
      status: 200,
      type: 'application/x-ndjson',
      cache: 'no-store',
      name: expect.stringMatching(/^attachment; filename="assent-log-\d{4}-\d\d-\d\d\.ndjson"$/),
    });
  });

  it('has all of the clinic’s events, each once and in the log’s order, and hashes in place of others’', async () => {
    const text = await exportOf(clinic.administrator);
    const [{ checkpoint, ...header }, ...lines] = linesOf(text);
    const size = Number(checkpoint.split('\n')[1]);
    expect(header).toMatchObject({
      format: 'assent-log-export/1',
      clinic: { id: clinic.id, name: expect.stringMatching(/^Clinic /) },
      patientId: null,
      period: { from: null, until: null },
    });
    expect(ids(text)).toEqual((await leavesOf(clinic.id)).slice(0, ids(text).length));
    expect(lines.at(-1)).toEqual({ end: true, events: ids(text).length });
    // Line by line, the leaves follow each other up to the size of the checkpoint.
    const ends = lines.slice(0, -1).map((line) => ('index' in line ? line.index + 1 : line.to));
    const starts = lines.slice(0, -1).map((line) => line.index ?? line.from);
    expect(starts).toEqual([0, ...ends.slice(0, -1)]);
    expect(ends.at(-1)).toBe(size);
    expect(text).not.toContain(other.id);
  });

  it('has the details and their salt, as they were recorded', async () => {
    const line = eventsIn(await exportOf(clinic.administrator)).find(({ entry }) => JSON.parse(entry).subject === 'patients');
    const [row] = await asSuperuser(server, `SELECT details, encode(salt, 'hex') AS salt FROM audit.events WHERE id = $1`, [
      JSON.parse(line.entry).id,
    ]);
    expect({ details: line.details, salt: line.salt }).toEqual(row);
  });

  it('has one patient’s events alone, and those of a period', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    await sealed(server);
    const ofPatient = await exportOf(clinic.administrator, `?patientId=${patientId}`);
    expect(ids(ofPatient)).toEqual(await leavesOf(clinic.id, `e.patient_id = '${patientId}'`));
    const all = entriesIn(await exportOf(clinic.administrator));
    const [from, until] = [all[3].occurredAt as string, all[9].occurredAt as string];
    const ofPeriod = await exportOf(clinic.administrator, `?from=${from}&until=${until}`);
    expect(linesOf(ofPeriod)[0].period).toEqual({ from, until });
    expect(entriesIn(ofPeriod)).toEqual(all.filter(({ occurredAt }) => occurredAt >= from && occurredAt < until));
    expect(ids(await exportOf(clinic.administrator, '?from=2999-01-01'))).toEqual([]);
    expect(ids(await exportOf(clinic.administrator, `?patientId=${await makePatient(other.practitioner)}`))).toEqual([]);
  });

  it('goes over many pages', async () => {
    // Sealed as the server seals; only where they come from is quicker.
    await asSuperuser(
      server,
      `SELECT audit.record('search', 'success', 'findPatients', n::text, NULL, jsonb_build_object('n', n),
                           clinic => CASE WHEN n % 3 = 0 THEN $1::uuid ELSE $2::uuid END)
         FROM generate_series(1, 15000) AS n`,
      [clinic.id, other.id],
    );
    await sealed(server);
    const text = await exportOf(clinic.administrator);
    const expected = await leavesOf(clinic.id);
    expect(ids(text)).toEqual(expected.slice(0, ids(text).length));
    expect(ids(text).length).toBeGreaterThan(5_000);
    const key = await publicKeyOf(clinic.administrator);
    for (const verdict of [await verifiers.assent(text, [key]), await verifiers.independent(text, [key])]) {
      expect(verdict).toEqual({ status: 0, said: expect.stringContaining('All is as it was recorded') });
    }
  });

  it('is recorded with its filters before it begins, and with its length when it ended', async () => {
    const before = (await exportsIn(other)).length;
    const patientId = await makePatient(other.practitioner);
    await sealed(server);
    const count = ids(await exportOf(other.administrator, `?patientId=${patientId}&from=2020-01-01`)).length;
    const about = { subject: 'exportEvents', staffId: other.administrator.id, patientId };
    expect((await exportsIn(other)).slice(before)).toEqual([
      { ...about, details: { filters: { patientId, from: '2020-01-01' } } },
      { ...about, details: { complete: true, lines: count } },
    ]);
  });

  it('names an event that is gone, and shows one that was changed', () =>
    withServer({}, async (own) => {
      const { administrator, practitioner } = await makeClinic(own);
      await makePatient(practitioner);
      const patientId = await makePatient(practitioner);
      await sealed(own);
      await asSuperuser(
        own,
        `SET session_replication_role = replica;
         DELETE FROM audit.events WHERE id = (SELECT max(id::text)::uuid FROM audit.events WHERE subject = 'patients' AND patient_id <> '${patientId}');
         UPDATE audit.events SET staff_name = 'Somebody Else' WHERE patient_id = '${patientId}'`,
      );
      const text = await exportOf(administrator);
      expect(eventsIn(text).filter(({ entry }) => entry === undefined)).toEqual([{ index: expect.any(Number), leaf: expect.any(String) }]);
      const { status, said } = await verifiers.assent(text, [await publicKeyOf(administrator)]);
      expect(status).toBe(1);
      expect(said).toMatch(/\(entry \d+\) is missing from the audit trail/);
      expect(said).toMatch(/\(entry \d+, event [\da-f-]{36}\) was changed: it isn’t the entry in the log/);
      expect(said).toContain('2 findings');
    }));

  it.each(['patientId=x', 'from=yesterday', 'until=1', 'from=2025-02-01&until=2025-01-01', 'action=sign-in', 'clinicId=x'])(
    'is refused for %s',
    async (query) => {
      const { status, body } = await clinic.administrator.api.get(`/api/audit/export?${query}`);
      expect([status, body.code]).toEqual([400, 'malformed']);
    },
  );

  it('says that the log is empty while it is', () =>
    withServer({}, async (own) => {
      const { administrator } = await makeClinic(own);
      await sealed(own);
      await asSuperuser(own, 'SET session_replication_role = replica; TRUNCATE audit.checkpoints, audit.anchorings');
      const { status, body } = await administrator.api.get('/api/audit/export');
      expect([status, body.code]).toEqual([404, 'log.empty']);
    }));

  it('is the administrators’, whose right counts on the next request', async () => {
    const former = await makeStaff(server, clinic, { role: 'administrator', profession: null });
    expect((await former.api.get('/api/audit/export')).status).toBe(200);
    await asSuperuser(server, `UPDATE app.staff SET role = 'receptionist' WHERE id = $1`, [former.id]);
    for (const { api } of [former, clinic.practitioner, clinic.receptionist]) {
      expect((await api.get('/api/audit/export')).body.code).toBe('forbidden');
    }
  });
});

describe('assent export', () => {
  it('writes the events of all clinics and of nobody, for its owner’s eyes, and records it', async () => {
    await asSuperuser(server, `SELECT audit.record('sign-in', 'failure', NULL, NULL, NULL, NULL)`);
    await sealed(server);
    const out = join(verifiers.folder, 'all.ndjson');
    const first = await runCli(server.database, ['export', '--out', out]);
    expect([first.code, first.stderr]).toEqual([0, '']);
    expect((await stat(out)).mode & 0o777).toBe(0o600);
    const text = await readFile(out, 'utf8');
    expect(linesOf(text).filter((line) => 'hashes' in line)).toEqual([]);
    const entries = entriesIn(text);
    expect(entries).toHaveLength(Number(linesOf(text)[0].checkpoint.split('\n')[1]));
    expect(new Set(entries.map(({ clinicId }) => clinicId))).toEqual(new Set([clinic.id, other.id, null]));
    const key = await publicKeyOf(clinic.administrator);
    for (const verdict of [await verifiers.assent(text, [key]), await verifiers.independent(text, [key])]) expect(verdict.status).toBe(0);
    await sealed(server);
    const again = join(verifiers.folder, 'again.ndjson');
    await runCli(server.database, ['export', '--out', again]);
    expect(entriesIn(await readFile(again, 'utf8'))).toContainEqual(
      expect.objectContaining({ action: 'export', subject: 'assent export', clinicId: null, staffId: null }),
    );
  });

  it('overwrites nothing, and asks where to', async () => {
    const out = join(verifiers.folder, 'there.ndjson');
    await runCli(server.database, ['export', '--out', out]);
    const before = await stat(out);
    const again = await runCli(server.database, ['export', '--out', out]);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('EEXIST')]);
    expect((await stat(out)).mtimeMs).toBe(before.mtimeMs);
    expect(await runCli(server.database, ['export'])).toMatchObject({ code: 1, stderr: expect.stringContaining('--out FILE') });
  });
});
