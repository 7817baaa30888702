import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { type EndLine, type EventLine, FORMAT, type Header, type HiddenLine } from '../export/format.js';
import { isSize } from '../format/merkle.js';
import { MalformedError } from '../format/text.js';

/** It isn't an export at all, or none that is known here. */
export class NoExportError extends Error {}

/** The line after the last one that was given. */
export class UnreadableLine extends MalformedError {}

const CHUNK_BYTES = 1 << 20;
/** Far more than any event. */
const LINE_BYTES = 16 << 20;
const NEWLINE = 0x0a;

/** The lines of a file, some at a time, and with them no more of it in memory. Each must end with a newline. */
export async function* readLines(path: string): AsyncGenerator<string[]> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>) {
    const end = chunk.lastIndexOf(NEWLINE);
    const block = Buffer.concat([rest, end < 0 ? chunk : chunk.subarray(0, end)]);
    if (end < 0) {
      if (block.length > LINE_BYTES) throw new UnreadableLine('is longer than any that is written');
      rest = block;
      continue;
    }
    rest = chunk.subarray(end + 1);
    if (!isUtf8(block)) throw new UnreadableLine('or one soon after it isn’t UTF-8');
    yield block.toString().split('\n');
  }
  if (rest.length > 0) throw new UnreadableLine('has no end: the file was cut');
}

export function readHeader(text: string): Header {
  if (!text.startsWith(`{"format":"${FORMAT}",`)) throw new NoExportError(`It is no export in the format ${FORMAT}.`);
  const header = readExactly(text, ['format,origin,checkpoint,exportedAt,clinic,patientId,period']) as Header;
  const { origin, checkpoint, clinic, patientId, period } = header;
  const isClinic = clinic === null || (isText(clinic?.id) && isText(clinic.name));
  const isPeriod = [period?.from, period?.until].every((instant) => instant === null || isText(instant));
  if (!isText(origin) || !isText(checkpoint) || !isClinic || !isPeriod || (patientId !== null && !isText(patientId))) {
    throw new MalformedError('isn’t a header');
  }
  return header;
}

/** Nearly all events: nothing in them is escaped but quotes and the commonest. Several times as fast as parsing and writing again. */
const PLAIN =
  /^\{"index":(0|[1-9]\d{0,14}),"leaf":"([\w+/]{43}=)","entry":("[^"\\]*(?:\\["\\][^"\\]*)*")(?:,"details":("[^"\\]*(?:\\["\\bfnrt][^"\\]*)*"),"salt":"([0-9a-f]{32})")?\}$/;

export function readEvent(text: string): EventLine {
  const [, index, leaf, entry, details, salt] = PLAIN.exec(text) ?? [];
  if (leaf === undefined || entry === undefined) return readAnyEvent(text);
  const event = { index: Number(index), leaf, entry: parse(entry) as string };
  return details === undefined || salt === undefined ? event : { ...event, details: parse(details) as string, salt };
}

function readAnyEvent(text: string): EventLine {
  const line = readExactly(text, [
    'index,leaf,entry,details,salt',
    'index,leaf,entry',
    'index,leaf,entry,erased',
    'index,leaf',
  ]) as EventLine;
  const { index, leaf, entry, details, salt, erased } = line;
  // 16 bytes of salt and no others: else what follows it could be counted among them.
  const isSalted = details === undefined || (isText(details) && isText(salt) && /^[0-9a-f]{32}$/.test(salt));
  const isErased = erased === undefined || erased === true || (Boolean(erased) && typeof erased === 'object');
  if (!isSize(index) || !isText(leaf) || (entry !== undefined && !isText(entry)) || !isSalted || !isErased) {
    throw new MalformedError('isn’t an event');
  }
  return line;
}

export function readHidden(text: string): HiddenLine {
  const line = readExactly(text, ['from,to,hashes']) as HiddenLine;
  if (!isSize(line.from) || !isSize(line.to) || !Array.isArray(line.hashes) || !line.hashes.every(isText)) {
    throw new MalformedError('isn’t a range of hidden entries');
  }
  return line;
}

export function readEnd(text: string): EndLine {
  const line = readExactly(text, ['end,events']) as EndLine;
  if (!text.startsWith('{"end":true,') || !isSize(line.events)) throw new MalformedError('isn’t an end');
  return line;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** One text for one value: nothing stands in a line that another reader could see otherwise, such as a key twice. */
function readExactly(text: string, shapes: readonly string[]): object {
  const line = parse(text) as object | null;
  if (!line || JSON.stringify(line) !== text || !shapes.includes(Object.keys(line).join(','))) {
    throw new MalformedError('isn’t written as the format says');
  }
  return line;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new MalformedError('isn’t JSON');
  }
}
