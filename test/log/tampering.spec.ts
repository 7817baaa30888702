import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { copyDatabase, createDatabase, type TestDatabase } from '../support/database.js';
import { findings, sealed, tamper, verify } from '../support/log.js';
import { makeClearedPatient, makeClinic, makeSession } from '../support/make.js';
import { startServer } from '../support/server.js';
import { type Tampering, TAMPERINGS } from '../support/tamperings.js';

const DOCUMENT = fileURLToPath(new URL('../../docs/tampering.md', import.meta.url));

let original: TestDatabase;
let anchor: string;
beforeAll(async () => {
  original = await createDatabase();
  anchor = pathToFileURL(join(original.dataDir, 'anchor')).href;
  const server = await startServer({ shared: original, env: { LOG_ANCHORS: anchor } });
  const { practitioner, administrator } = await makeClinic(server);
  const { patientId } = await makeClearedPatient(practitioner);
  await makeSession(practitioner, patientId);
  await sealed(original);
  // Looks, which leave nothing but events.
  for (let look = 0; look < 5; look += 1) await administrator.api.get(`/api/patients/${patientId}`);
  await server.stop();
});
afterAll(() => original.drop());

/** The same words for each database. */
const general = (line: string): string =>
  line
    .replaceAll(anchor, 'file:///mnt/other/anchor')
    .replaceAll(/\b[\da-f]{8}-[\da-f-]{27}\b/g, 'ID')
    .replaceAll(/localhost:\d+\/[\da-f]{8}/g, 'clinic.example/0123abcd')
    .replaceAll(/tile (\d+)\/\d+|(?<![\w/.])\d+\b/g, (_, level?: string) => (level === undefined ? 'N' : `tile ${level}/N`));

async function found({ how, anchored, key }: Tampering): Promise<{ code: number | null; lines: string[] }> {
  const database = await copyDatabase(original);
  try {
    await tamper(database, how);
    const ended = await verify(database, [], { ...(anchored && { LOG_ANCHORS: anchor }), ...(key && { LOG_KEY: key() }) });
    expect(ended.stderr).toBe('');
    return { code: ended.code, lines: [...new Set(findings(ended).map(general))] };
  } finally {
    await database.drop();
  }
}

describe('verification', () => {
  it('finds nothing where nothing was altered', async () => {
    const ended = await verify(original, [], { LOG_ANCHORS: anchor });
    expect(ended).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^All is as it was recorded: \d+ entries/) });
    expect(ended.stdout).toMatch(/, [1-9]\d* checkpoints kept outside/);
  });

  const rows: string[] = [];
  it.each(TAMPERINGS.map((tampering) => [tampering.name, tampering] as const))('finds and names: %s', async (name, tampering) => {
    const { code, lines } = await found(tampering);
    expect(code).toBe(1);
    expect(lines.join('\n')).toMatch(tampering.finds);
    const cells = lines.slice(0, 4).map((line) => `\`${line}\``);
    rows.push(`| ${name} | ${[...cells, ...(lines.length > 4 ? ['…'] : [])].join('<br>')} |`);
  });

  it('finds what docs/tampering.md says', async () => {
    const document = await readFile(DOCUMENT, 'utf8');
    const start = document.indexOf('|---|---|\n') + '|---|---|\n'.length;
    const end = document.indexOf('\n\n', start);
    const now = document.slice(0, start) + rows.join('\n') + document.slice(end);
    if (process.env['ASSENT_WRITE_DOCS']) await writeFile(DOCUMENT, now);
    expect(await readFile(DOCUMENT, 'utf8')).toBe(now);
  });
});
