import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCheckpoint } from '../../src/log/format/checkpoint.js';
import { newKey, readSigner, timeOf } from '../../src/log/format/keys.js';
import { openNote } from '../../src/log/format/note.js';
import { addCheckpoint, type Witnessed } from '../../src/log/witness/client.js';
import { serveWitness, type WitnessServer } from '../../src/log/witness/server.js';
import { WitnessState } from '../../src/log/witness/state.js';
import { type AddCheckpoint, readAddCheckpoint, Witness, writeAddCheckpoint } from '../../src/log/witness/witness.js';
import { WitnessedLog } from '../support/witnessed-log.js';

const log = new WitnessedLog('clinic.example/log', 'entry');
const fork = new WitnessedLog(log.origin, 'other entry', log.signer);
const neighbour = new WitnessedLog('clinic.example/neighbour', 'entry');
const stranger = new WitnessedLog('clinic.example/stranger', 'entry');
const signer = readSigner(newKey('witness.example/w1', 'cosignature'));
const logs = new Map([log, neighbour].map(({ origin, signer }) => [origin, [signer.verifier]]));

let directory: string;
let path: string;
let server: WitnessServer;
let defects: unknown[];

async function serve(state: WitnessState): Promise<void> {
  server = await serveWitness(new Witness(logs, signer, state), {
    host: '127.0.0.1',
    port: 0,
    onDefect: (error) => defects.push(error),
  });
}

async function restart(): Promise<void> {
  await server.stop();
  await serve(await WitnessState.open(path));
}

beforeEach(async () => {
  defects = [];
  directory = await mkdtemp(join(tmpdir(), 'assent-witness-'));
  path = join(directory, 'state.json');
  await serve(await WitnessState.create(path));
});

afterEach(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

const ask = (request: AddCheckpoint): Promise<Witnessed> => addCheckpoint({ url: server.url, keys: [signer.verifier] }, request);
const cosigned = { outcome: 'cosigned', lines: expect.stringMatching(/^— witness\.example\/w1 .+\n$/) };
const conflict = (size: number): Witnessed => ({ outcome: 'conflict', size });

async function post(body: string | Uint8Array): Promise<{ status: number; type: string | null; text: string }> {
  const response = await fetch(`${server.url}/add-checkpoint`, { method: 'POST', body });
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
}

const remembered = async (): Promise<number | undefined> => (await WitnessState.open(path)).latest(log.origin)?.size;

describe('a witness', () => {
  it('cosigns a log as it grows, and the same checkpoint again', async () => {
    for (const [oldSize, size] of [
      [0, 0],
      [0, 3],
      [3, 3],
      [3, 4],
      [4, 39],
    ] as const) {
      expect(await ask(log.request(oldSize, size))).toEqual(cosigned);
      expect(await remembered()).toBe(size);
    }
  });

  it('gives a cosignature of now, with which the checkpoint is believed', async () => {
    const before = BigInt(Math.floor(Date.now() / 1_000));
    const witnessed = await ask(log.request(0, 5));
    const note = log.checkpoint(5) + (witnessed.outcome === 'cosigned' ? witnessed.lines : '');
    const trust = { origin: log.origin, log: [log.signer.verifier], witnesses: [signer.verifier], quorum: 1 };
    expect(openCheckpoint(note, trust).checkpoint.size).toBe(5);
    const [cosignature] = openNote(note, [signer.verifier]).signatures;
    expect(cosignature && timeOf(cosignature.signature) >= before).toBe(true);
  });

  it('tells which size it knows', async () => {
    expect(await ask(log.request(2, 3))).toEqual(conflict(0));
    await ask(log.request(0, 5));
    expect(await ask(log.request(0, 7))).toEqual(conflict(5));
    expect(await ask(log.request(4, 7))).toEqual(conflict(5));
    expect(await ask(log.request(6, 7))).toEqual(conflict(5));
    expect(await post(writeAddCheckpoint(log.request(4, 7)))).toEqual({ status: 409, type: 'text/x.tlog.size', text: '5\n' });
    expect(await remembered()).toBe(5);
  });

  it('refuses a fork: of the same size, and of a larger one', async () => {
    await ask(log.request(0, 5));
    expect(await ask(fork.request(5, 5))).toEqual(conflict(5));
    await expect(ask(fork.request(5, 9))).rejects.toMatchObject({ status: 422 });
    await expect(ask({ ...fork.request(5, 9), proof: log.request(5, 9).proof })).rejects.toMatchObject({ status: 422 });
    expect(await ask(log.request(5, 9))).toEqual(cosigned);
  });

  it('refuses to go back', async () => {
    await ask(log.request(0, 9));
    expect(await ask(log.request(5, 5))).toEqual(conflict(9));
    expect(await ask(log.request(0, 5))).toEqual(conflict(9));
    expect((await post(writeAddCheckpoint(log.request(9, 5)))).status).toBe(400);
    expect(await remembered()).toBe(9);
  });

  it('refuses a proof where there is nothing to prove, and none where there is', async () => {
    const proof = log.request(3, 7).proof;
    await expect(ask({ ...log.request(0, 3), proof })).rejects.toMatchObject({ status: 422 });
    await ask(log.request(0, 3));
    await expect(ask({ ...log.request(3, 3), proof })).rejects.toMatchObject({ status: 422 });
    await expect(ask({ ...log.request(3, 7), proof: [] })).rejects.toMatchObject({ status: 422 });
    expect(await remembered()).toBe(3);
  });

  it('knows an empty log by its root', async () => {
    const wrong = new WitnessedLog(log.origin, 'entry', log.signer);
    const checkpoint = wrong.checkpoint(1).replace('\n1\n', '\n0\n');
    expect((await post(`old 0\n\n${checkpoint}`)).status).toBe(403);
    expect(await ask(log.request(0, 0))).toEqual(cosigned);
  });

  it('cosigns for the logs that it knows, each for itself', async () => {
    await expect(ask(stranger.request(0, 1))).rejects.toMatchObject({ status: 404 });
    await ask(log.request(0, 5));
    expect(await ask(neighbour.request(0, 3))).toEqual(cosigned);
    expect(await ask(log.request(5, 6))).toEqual(cosigned);
  });

  it('believes no signature but the log’s own', async () => {
    const { checkpoint } = log.request(0, 5);
    const impostor = new WitnessedLog(log.origin, 'entry');
    await expect(ask(impostor.request(0, 5))).rejects.toMatchObject({ status: 403 });
    const borrowed = new WitnessedLog(log.origin, 'entry', neighbour.signer);
    await expect(ask(borrowed.request(0, 5))).rejects.toMatchObject({ status: 403 });
    const changed = fork.checkpoint(5).replace(/— .+\n$/, /— .+\n$/.exec(checkpoint)?.[0] ?? '');
    await expect(ask({ oldSize: 0, proof: [], checkpoint: changed })).rejects.toMatchObject({ status: 403 });
    expect(await remembered()).toBeUndefined();
  });

  it('ignores signatures of others', async () => {
    const others = stranger.checkpoint(5).split('\n\n')[1] ?? '';
    const { checkpoint } = log.request(0, 5);
    expect(await ask({ oldSize: 0, proof: [], checkpoint: checkpoint + others.repeat(15) })).toEqual(cosigned);
  });

  it('cosigns one of two that come at once, and tells the other', async () => {
    const answers = await Promise.all([ask(log.request(0, 5)), ask(fork.request(0, 6)), ask(log.request(0, 7)), ask(fork.request(0, 8))]);
    expect(answers.filter(({ outcome }) => outcome === 'cosigned')).toHaveLength(1);
    const size = await remembered();
    expect(answers.filter(({ outcome }) => outcome === 'conflict')).toEqual([
      conflict(size ?? 0),
      conflict(size ?? 0),
      conflict(size ?? 0),
    ]);
  });

  it.each([
    ['nothing', ''],
    ['no blank line', 'old 0\n'],
    ['no checkpoint', 'old 0\n\n'],
    ['no old size', `\n\n${log.checkpoint(3)}`],
    ['a negative old size', `old -1\n\n${log.checkpoint(3)}`],
    ['a zero before the old size', `old 00\n\n${log.checkpoint(3)}`],
    ['no space', `old0\n\n${log.checkpoint(3)}`],
    ['a tab for the space', `old\t0\n\n${log.checkpoint(3)}`],
    ['CRLF', `old 0\r\n\r\n${log.checkpoint(3)}`],
    ['a hash that is none', `old 0\nabc\n\n${log.checkpoint(3)}`],
    ['64 hashes', `old 0\n${`${Buffer.alloc(32).toString('base64')}\n`.repeat(64)}\n${log.checkpoint(3)}`],
    ['a checkpoint without signatures', `old 0\n\n${log.checkpoint(3).split('\n\n')[0]}\n`],
    ['a checkpoint without the last newline', `old 0\n\n${log.checkpoint(3).slice(0, -1)}`],
    ['another blank line', `old 0\n\n\n${log.checkpoint(3)}`],
    ['bytes that aren’t UTF-8', Buffer.concat([Buffer.from('old 0\n\n'), Buffer.of(0xff), Buffer.from(log.checkpoint(3))])],
  ])('answers 400 to %s', async (_, body) => {
    expect((await post(body)).status).toBe(400);
    expect(await remembered()).toBeUndefined();
  });

  it('answers 404, 405 and 413, and goes on', async () => {
    expect((await fetch(`${server.url}/checkpoint`)).status).toBe(404);
    expect((await fetch(`${server.url}/add-checkpoint`)).status).toBe(405);
    expect((await post('x'.repeat(131_073))).status).toBe(413);
    expect((await post('x'.repeat(2_000_000))).status).toBe(413);
    expect(await ask(log.request(0, 5))).toEqual(cosigned);
    expect(defects).toEqual([]);
  });

  it('signs with no key of another kind', async () => {
    const state = await WitnessState.open(path);
    expect(() => new Witness(logs, log.signer, state)).toThrow(TypeError);
  });

  it('reads the request of the specification, and writes the same', () => {
    const request = [
      'old 20852014',
      'PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=',
      'jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=',
      '5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=',
      '/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=',
      '',
      'example.com/behind-the-sofa',
      '20852163',
      'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=',
      '',
      '— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=',
      '',
    ].join('\n');
    const read = readAddCheckpoint(request);
    expect(read).toMatchObject({ oldSize: 20_852_014, checkpoint: expect.stringContaining('20852163') });
    expect(read.proof).toHaveLength(4);
    expect(writeAddCheckpoint(read)).toBe(request);
  });
});

describe('what a witness remembers', () => {
  it('outlives it', async () => {
    await ask(log.request(0, 5));
    await ask(neighbour.request(0, 3));
    await restart();
    expect(await ask(fork.request(0, 6))).toEqual(conflict(5));
    expect(await ask(log.request(5, 9))).toEqual(cosigned);
    expect(await ask(neighbour.request(0, 4))).toEqual(conflict(3));
  });

  it('is what the log signed, and can be shown to others', async () => {
    await ask(log.request(0, 5));
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual([log.checkpoint(5)]);
  });

  it('is on the disk before the cosignature leaves; else there is none', async () => {
    await ask(log.request(0, 5));
    await rm(directory, { recursive: true });
    await expect(ask(log.request(5, 6))).rejects.toMatchObject({ status: 500 });
    expect(defects).toEqual([expect.objectContaining({ code: 'ENOENT' })]);
    // What it couldn't keep it hasn't seen.
    expect(await ask(log.request(6, 7))).toEqual(conflict(5));
  });

  it('isn’t begun anew where there is something, nor taken for nothing where it is missing or damaged', async () => {
    await ask(log.request(0, 5));
    await expect(WitnessState.create(path)).rejects.toMatchObject({ code: 'EEXIST' });
    await writeFile(join(directory, 'other.json'), '{}');
    await expect(WitnessState.open(join(directory, 'other.json'))).rejects.toThrow('isn’t a witness’s state');
    await expect(WitnessState.open(join(directory, 'missing.json'))).rejects.toMatchObject({ code: 'ENOENT' });
    const content = await readFile(path, 'utf8');
    for (const damaged of ['', '{}', content.slice(0, -10), content.replace('\\n5\\n', '\\nfive\\n'), '[null]']) {
      await writeFile(path, damaged);
      await expect(WitnessState.open(path)).rejects.toBeInstanceOf(Error);
    }
  });

  it('isn’t harmed by what a killed witness left half written', async () => {
    await ask(log.request(0, 5));
    await writeFile(`${path}.new`, '["half');
    await restart();
    expect(await ask(log.request(5, 6))).toEqual(cosigned);
    expect(await remembered()).toBe(6);
  });
});
