import { get, type IncomingMessage } from 'node:http';
import type { Person } from './make.js';
import type { TestServer } from './server.js';
import { asSuperuser } from './sql.js';

/** Reads RFC 4180, to the letter: a cell in quotes may hold anything, another one neither quote, comma nor line end; lines end with CRLF. */
export function parseCsv(text: string): string[][] {
  const lines: string[][] = [];
  let rest = text;
  let line: string[] = [];
  while (rest !== '') {
    const match = /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/.exec(rest);
    if (!match) throw new Error(`Not RFC 4180: ${rest.slice(0, 80)}`);
    const [all, quoted, plain = '', end] = match;
    line.push(quoted?.replaceAll('""', '"') ?? plain);
    rest = rest.slice(all.length);
    if (end === ',') continue;
    lines.push(line);
    line = [];
  }
  return lines;
}

/** Copies of one session, each a millisecond earlier than the one before. */
export async function copySession(server: TestServer, sessionId: string, count: number): Promise<void> {
  await asSuperuser(
    server,
    `SET session_replication_role = replica;
     INSERT INTO app.sessions (clinic_id, patient_id, practitioner_id, licence_id, screening_id, consent_id, nothing_changed, still_consents,
                               started_at, ended_at, ended_by, consented_regions, disclosure_version)
     SELECT clinic_id, patient_id, practitioner_id, licence_id, screening_id, consent_id, true, true,
            started_at - n * interval '1 millisecond', started_at, practitioner_id, consented_regions, disclosure_version
       FROM app.sessions, generate_series(1, ${count}) AS n WHERE id = '${sessionId}'`,
  );
}

/** An answer that is read only as far as the test does: the first chunk is there, and nothing more is taken from the connection. */
export async function startDownload(server: TestServer, by: Person, path: string): Promise<IncomingMessage> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get(new URL(path, server.url), { headers: { cookie: `assent=${by.token}` } }, resolve).once('error', reject);
  });
  // Without a listener, an answer that breaks off before it is read on would look as if it had ended.
  answer.on('error', () => undefined);
  await new Promise((resolve) => answer.once('readable', resolve));
  return answer;
}

/** Reads the rest. Rejects where the answer breaks off. */
export async function finish(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
