// node docs/verify.mjs FILE PUBLIC-KEY…    verifies an export of Assent's log with nothing but Node.js and this file
//
// Written from docs/LOG.md alone, so that nobody needs to believe Assent's own verifier. Exit status 0: all is as it was recorded; 1: it
// isn't; 2: undecided. It stops at the first thing that is wrong.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { accessSync, createReadStream } from 'node:fs';

function sha256(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
const nodeHash = (left, right) => sha256('\x01', left, right);
function demand(holds, problem) {
  if (!holds) throw new Error(problem);
}
function unable(problem) {
  console.error(problem);
  process.exit(2);
}
function base64(text, length) {
  const bytes = Buffer.from(String(text), 'base64');
  demand(bytes.toString('base64') === text && bytes.length === (length ?? bytes.length), 'it has what is no hash, or no base 64');
  return bytes;
}

/** name+id+base64 of 01 and 32 bytes of Ed25519; the id is the beginning of SHA-256(name, newline, those 33 bytes). */
function readKey(text) {
  const [, name, id, rest] = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text) ?? unable(`${text} is no public key`);
  const bytes = Buffer.from(rest, 'base64');
  const isKey = bytes.length === 33 && bytes[0] === 1 && sha256(`${name}\n`, bytes).toString('hex', 0, 4) === id;
  if (!isKey) unable(`${text} is no public key of a log`);
  return { name, id, key: createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url', 1) }, format: 'jwk' }) };
}

/** The text up to the blank line, signed by a line "— name base64(id, signature)". */
function openCheckpoint(note, origin, keys) {
  const end = note.lastIndexOf('\n\n') + 1;
  const text = note.slice(0, end);
  const [name, size, root] = text.split('\n');
  let isSigned = false;
  for (const line of note
    .slice(end + 1)
    .split('\n')
    .slice(0, -1)) {
    const [, by, value] = /^— (\S+) (\S+)$/.exec(line) ?? [];
    const bytes = base64(value);
    const known = keys.find((key) => key.name === by && key.id === bytes.toString('hex', 0, 4));
    if (!known) continue;
    demand(verify(null, Buffer.from(text), known.key, bytes.subarray(4)), 'the checkpoint’s signature is false');
    isSigned ||= by === origin;
  }
  demand(isSigned && name === origin, 'the checkpoint isn’t signed by a key that was given');
  demand(/^(0|[1-9]\d{0,14})$/.test(size), 'the checkpoint has no size');
  return { size: Number(size), root: base64(root, 32) };
}

/** The roots of perfect subtrees side by side, as [leaves, root]; two of one size become their parent. `at` leaves were seen. */
const stack = [];
let at = 0;
function append(root, leaves) {
  for (at += leaves; stack.at(-1)?.[0] === leaves; leaves *= 2) root = nodeHash(stack.pop()[1], root);
  stack.push([leaves, root]);
}
const wholeRoot = () => stack.map(([, root]) => root).reduceRight((right, left) => nodeHash(left, right));

const count = { events: 0, hidden: 0, erased: 0 };
let header, checkpoint, ended;

function event(line) {
  const { index, leaf, entry, details, salt, erased } = line;
  const keys = Object.keys(line).join();
  demand(/^index,leaf(,entry(,details,salt|,erased)?)?$/.test(keys), 'it isn’t written as the format says');
  demand(index === at, `it is entry ${index}, where ${at} is due`);
  demand(entry !== undefined, `entry ${index} is missing from the audit trail`);
  const hash = sha256('\0', entry);
  demand(hash.equals(base64(leaf, 32)), `entry ${index} was changed: it isn’t the one in the log`);
  const { id, clinicId, patientId, occurredAt, detailsSha256: digest } = JSON.parse(entry);
  const name = `event ${id} (entry ${index})`;
  if (digest === null) demand(keys === 'index,leaf,entry', `${name} was recorded without details`);
  else if (erased === true || (erased && typeof erased === 'object')) count.erased += 1;
  else {
    demand(/^[0-9a-f]{32}$/.test(salt), `${name} lacks the details that were recorded`);
    demand(sha256(Buffer.from(salt, 'hex'), details).toString('hex') === digest, `${name} was changed: other details were recorded`);
  }
  const { from, until } = header.period;
  demand([null, clinicId].includes(header.clinic && header.clinic.id), `${name} isn’t of the file’s clinic`);
  demand([null, patientId].includes(header.patientId), `${name} isn’t about the file’s patient`);
  demand((from === null || occurredAt >= from) && (until === null || occurredAt < until), `${name} isn’t of the file’s period`);
  append(hash, 1);
  count.events += 1;
}

function hidden({ from, to, hashes }) {
  demand(from === at && to > from && to <= checkpoint.size, `it hides from ${from} on, where ${at} is due`);
  demand(header.clinic ?? header.patientId ?? header.period.from ?? header.period.until, 'it hides entries, and the file should have all');
  for (const hash of hashes) {
    let leaves = 1;
    while (at % (leaves * 2) === 0 && at + leaves * 2 <= to) leaves *= 2;
    demand(at < to, 'it has too many hashes');
    append(base64(hash, 32), leaves);
  }
  demand(at === to, 'it has too few hashes');
  count.hidden += to - from;
}

function read(text) {
  demand(!ended, 'it follows the end');
  if (!header && !text.startsWith('{"format":"assent-log-export/1",')) unable('This is no export, or another version’s.');
  const line = JSON.parse(text);
  demand(JSON.stringify(line) === text, 'it isn’t written as the format says');
  if (!header) checkpoint = openCheckpoint(line.checkpoint, line.origin, keys);
  if (!header) header = line;
  else if ('index' in line) event(line);
  else if ('hashes' in line) hidden(line);
  else {
    demand(line.end === true && line.events === count.events, `it ends after ${count.events} events, and says ${line.events}`);
    demand(at === checkpoint.size, `it ends after ${at} of ${checkpoint.size} entries`);
    demand(wholeRoot().equals(checkpoint.root), 'the hashes don’t lead to the root that was signed');
    ended = true;
  }
}

const [path, ...texts] = process.argv.slice(2);
if (texts.length === 0) unable('node docs/verify.mjs FILE PUBLIC-KEY…');
const keys = texts.map(readKey);
let number = 1;
try {
  accessSync(path);
} catch (error) {
  unable(error.message);
}
try {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let rest = '';
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop();
    for (const line of lines) number += (read(line), 1);
  }
  demand(ended && rest === '', 'the file was cut, or goes on after its end');
} catch (error) {
  console.log(`Line ${number}: ${error.message}`);
  process.exit(1);
}
console.log(`All is as it was recorded: ${count.events} events among the first ${checkpoint.size} entries of ${header.origin}.`);
if (count.hidden > 0) console.log(`Not proven: whose ${count.hidden} entries are, of which there are hashes alone.`);
if (count.erased > 0) console.log(`Not proven: what the details of ${count.erased} events said, which were erased.`);
