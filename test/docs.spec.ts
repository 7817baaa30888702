import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const texts = ['README.md', 'CONTRIBUTING.md', 'docs', 'docs/decisions', 'content'].flatMap((place) =>
  place.endsWith('.md')
    ? [place]
    : readdirSync(`${root}/${place}`)
        .filter((name) => name.endsWith('.md'))
        .map((name) => `${place}/${name}`),
);

describe('what the documents name', () => {
  it.each(texts)('is there: %s', (text) => {
    const written = readFileSync(`${root}/${text}`, 'utf8');
    const folder = text.includes('/') ? text.slice(0, text.lastIndexOf('/')) : '.';
    const tests = [...written.matchAll(/\btest\/[\w-]+\.spec\.ts/g)].map(([path]) => path);
    const links = [...written.matchAll(/\]\((?!https?:|mailto:|#)([^)#]+)/g)].map(([, path]) => `${folder}/${path}`);
    expect([...tests, ...links].filter((path) => !existsSync(`${root}/${path}`))).toEqual([]);
  });
});
