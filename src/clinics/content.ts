import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../config.js';

export interface PublishedText {
  readonly language: string;
  /** Everything but the language, as PostgreSQL keeps it. */
  readonly content: object;
}

/** The languages in which there is a built-in disclosure. */
export const MODEL_LANGUAGES: readonly string[] = ['en', 'es'];

export const modelQuestionnaire = (): Promise<PublishedText> => read('questionnaire', 'en');

export const modelDisclosure = (language: string): Promise<PublishedText> => read('disclosure', language);

async function read(name: string, inLanguage: string): Promise<PublishedText> {
  const file = join(PROJECT_ROOT, 'content', `${name}.${inLanguage}.json`);
  const { language, ...content } = JSON.parse(await readFile(file, 'utf8')) as { language: string };
  return { language, content };
}
