import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../config.js';

export interface PublishedText {
  readonly language: string;
  /** Everything but the language, as PostgreSQL keeps it. */
  readonly content: Record<string, unknown>;
}

/** The built-in texts, which a new clinic begins with. */
export async function builtInContent(): Promise<{ questionnaire: PublishedText; disclosure: PublishedText }> {
  return { questionnaire: await read('questionnaire.json'), disclosure: await read('disclosure.json') };
}

async function read(name: string): Promise<PublishedText> {
  const { language, ...content } = JSON.parse(await readFile(join(PROJECT_ROOT, 'content', name), 'utf8')) as { language: string };
  return { language, content };
}
