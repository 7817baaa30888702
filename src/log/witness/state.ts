import { readFile } from 'node:fs/promises';
import { replaceDurably, writeDurably } from '../../common/files.js';
import { type Checkpoint, readCheckpoint } from '../format/checkpoint.js';
import { parseNote, type VerifiedNote } from '../format/note.js';

/**
 * What a witness remembers: the last checkpoint of each log, as the log signed it, in one JSON file. Where the file can't be read, the
 * witness doesn't start: it would cosign what it has cosigned otherwise before. For one process at a time.
 */
export class WitnessState {
  private constructor(
    private readonly path: string,
    private notes: ReadonlyMap<string, string>,
  ) {}

  /** For a new witness. What is there already isn't replaced. */
  static async create(path: string): Promise<WitnessState> {
    await writeDurably(path, JSON.stringify([]), 'wx');
    return new WitnessState(path, new Map());
  }

  static async open(path: string): Promise<WitnessState> {
    const notes: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (!Array.isArray(notes)) throw new Error(`${path} isn’t a witness’s state`);
    return new WitnessState(path, new Map(notes.map((note) => [checkpointOf(String(note)).origin, String(note)])));
  }

  latest(origin: string): Checkpoint | undefined {
    const note = this.notes.get(origin);
    return note === undefined ? undefined : checkpointOf(note);
  }

  /** Returns when it can't be lost any more. */
  async keep({ text, signatures }: VerifiedNote): Promise<void> {
    const { origin } = readCheckpoint(text);
    const notes = new Map(this.notes).set(origin, `${text}\n${signatures.map(({ line }) => line).join('')}`);
    await replaceDurably(this.path, JSON.stringify([...notes.values()], undefined, 2));
    this.notes = notes;
  }
}

function checkpointOf(note: string): Checkpoint {
  return readCheckpoint(parseNote(note).text);
}
