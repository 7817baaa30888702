import { once } from 'node:events';
import { appendFile, readFile, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { newKey, readSigner, readVerifier } from '../../src/log/format/keys.js';
import { openNote, signNote } from '../../src/log/format/note.js';
import { serveWitness, type WitnessServer } from '../../src/log/witness/server.js';
import { WitnessState } from '../../src/log/witness/state.js';
import { Witness } from '../../src/log/witness/witness.js';
import { Caller } from '../support/api.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { logSigner, rowsOf, sealed, until, verify } from '../support/log.js';
import { makeClinic, makePatient, signIn, type TestClinic } from '../support/make.js';
import { startServer, type TestServer, withServer } from '../support/server.js';

let database: TestDatabase;
let clinic: TestClinic;
beforeEach(async () => {
  database = await createDatabase();
  const server = await startServer({ shared: database });
  clinic = await makeClinic(server);
  await sealed(database);
  await server.stop();
});
afterEach(() => database.drop());

interface AnchorState {
  readonly name: string;
  readonly size: number | null;
  readonly problem: string | null;
}

async function anchorOf(server: TestServer): Promise<AnchorState | undefined> {
  const { api } = await signIn(server, clinic.administrator.id);
  return (await api.get('/api/audit/log')).body.anchors[0] as AnchorState | undefined;
}

const withAnchor = (address: string, use: (server: TestServer) => Promise<void>): Promise<void> =>
  withServer({ shared: database, env: { LOG_ANCHORS: address } }, use);

const delivered = (server: TestServer): Promise<void> =>
  until(async () => {
    const anchor = await anchorOf(server);
    return anchor !== undefined && anchor.size !== null && anchor.problem === null;
  });

describe('a file', () => {
  it('gets each checkpoint as a line of JSON, and goes on after a line that was cut short', async () => {
    const path = join(database.dataDir, 'anchor');
    const address = pathToFileURL(path).href;
    await withAnchor(address, delivered);
    await appendFile(path, '{"signedAt":"2026-');
    await withAnchor(address, async (server) => {
      await makePatient(await signIn(server, clinic.practitioner.id));
      await sealed(database);
      await delivered(server);
    });
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    const notes = lines.filter((line) => line.endsWith('}')).map((line) => (JSON.parse(line) as { note: string }).note);
    const { verifier } = await logSigner(database);
    for (const note of notes) expect(openNote(note, [verifier]).signatures).toHaveLength(1);
    expect(notes.length).toBe(lines.length - 1);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await verify(database, [], { LOG_ANCHORS: address })).toMatchObject({ code: 0, stderr: '' });
  });

  it('that holds another log gets nothing, and it is said', async () => {
    const path = join(database.dataDir, 'anchor');
    const note = signNote(`elsewhere\n1\n${Buffer.alloc(32).toString('base64')}\n`, [readSigner(newKey('elsewhere', 'note'))]);
    await appendFile(path, `${JSON.stringify({ note })}\n`);
    await withAnchor(pathToFileURL(path).href, async (server) => {
      await makePatient(await signIn(server, clinic.practitioner.id));
      await sealed(database);
      await until(async () => (await anchorOf(server)) !== undefined);
      expect((await anchorOf(server))?.problem).toMatch(/^It receives nothing, because what it holds isn't from this log: /);
    });
    expect((await readFile(path, 'utf8')).trimEnd().split('\n')).toHaveLength(1);
  });
});

describe('a web server', () => {
  /** Takes what is posted, and gives the last one. */
  async function startPlace(port = 0): Promise<{ server: Server; address: string; port: number; posted: string[]; asked: string[] }> {
    const posted: string[] = [];
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.headers.authorization}`);
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (request.method === 'POST') posted.push(Buffer.concat(chunks).toString());
        response.end(request.method === 'GET' ? (posted.at(-1) ?? '') : '');
      });
    });
    await once(server.listen(port, 'localhost'), 'listening');
    const { port: bound } = server.address() as AddressInfo;
    return { server, port: bound, address: `http://me:p%40ss@localhost:${bound}/log`, posted, asked };
  }

  it('that is away is noted, nothing waits for it, and it gets the log when it is back', async () => {
    const place = await startPlace();
    place.server.close();
    await withAnchor(place.address, async (server) => {
      await until(async () => Boolean((await anchorOf(server))?.problem));
      expect(await anchorOf(server)).toMatchObject({
        name: `http://localhost:${place.port}/log`,
        size: null,
        problem: expect.stringContaining('ECONNREFUSED'),
      });
      await makePatient(await signIn(server, clinic.practitioner.id));
      await sealed(database);
      const back = await startPlace(place.port);
      await delivered(server);
      const { verifier } = await logSigner(database);
      expect(openNote(back.posted.at(-1) ?? '', [verifier]).signatures).toHaveLength(1);
      expect(back.asked).toContain(`POST Basic ${Buffer.from('me:p@ss').toString('base64')}`);
      expect(await verify(database, [], { LOG_ANCHORS: place.address })).toMatchObject({ code: 0, stderr: '' });
      back.server.close();
      back.server.closeAllConnections();
    });
  });
});

describe('a witness', () => {
  let witness: WitnessServer;
  let address: string;
  const key = newKey('witness.example', 'cosignature');
  beforeEach(async () => {
    const { name, verifier } = await logSigner(database);
    const state = await WitnessState.create(join(database.dataDir, 'state.json'));
    witness = await serveWitness(new Witness(new Map([[name, [verifier]]]), readSigner(key), state), {
      host: 'localhost',
      port: 0,
      onDefect: (error) => {
        throw error;
      },
    });
    address = `witness+${witness.url}#${readSigner(key).publicKey}`;
  });
  afterEach(() => witness.stop());

  it('cosigns, and its word is kept, given out, and verified', async () => {
    await withAnchor(address, async (server) => {
      await delivered(server);
      const { verifier } = await logSigner(database);
      const cosigner = readVerifier(readSigner(key).publicKey);
      const { body } = await new Caller(server.url).get('/api/audit/checkpoint');
      expect(openNote(body, [verifier, cosigner]).signatures.map(({ by }) => by.kind)).toEqual(['note', 'cosignature']);
    });
    const ended = await verify(database, [], { LOG_ANCHORS: address });
    expect(ended).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/, [1-9]\d* checkpoints kept outside/) });
    await rowsOf(
      database,
      `SET session_replication_role = replica; UPDATE audit.anchorings SET receipt = replace(receipt, 'A', 'B')`,
    ).catch(() => undefined);
    const altered = await verify(database, [], { LOG_ANCHORS: address });
    expect([altered.code, altered.stdout]).toEqual([
      1,
      expect.stringMatching(/^checkpoint \d+ has no true cosignature of witness\.example/),
    ]);
  });
});

it.each([
  ['somewhere', 'LOG_ANCHORS: somewhere is no anchor'],
  ['http://example.org/log', 'LOG_ANCHORS: http://example.org/log is no anchor'],
  ['file://host/path', "LOG_ANCHORS: file://host/path can't be used"],
  ['https://%zz@example.org/', "LOG_ANCHORS: https://%zz@example.org/ can't be used"],
  ['mailto:a@example.org', 'LOG_ANCHORS: mailto:a@example.org is no anchor'],
  ['witness+http://localhost:1', 'and nothing is none'],
  ['witness+http://localhost:1#key', 'and key is none'],
  ['file:///tmp/a file:///tmp/a', 'LOG_ANCHORS: file:///tmp/a is there twice'],
])('LOG_ANCHORS=%s is refused at the start', async (anchors, message) => {
  await expect(startServer({ shared: database, env: { LOG_ANCHORS: anchors } })).rejects.toThrow(message);
});
