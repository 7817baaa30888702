import { readFileSync } from 'node:fs';
import { linesOf, Verifiers } from '../support/exports.js';

const log = readFileSync(new URL('../../docs/LOG.md', import.meta.url), 'utf8');
const example = /^```\n(\{"format".*?)^```$/ms.exec(log)?.[1] ?? '';
const note = /^```\n(\S+\n\d+\n.*?)^```$/ms.exec(log)?.[1] ?? '';
const key = /The public key that made it is `(\S+)`/.exec(log)?.[1] ?? '';

describe('docs/LOG.md', () => {
  it('has an example that both verifiers believe, with the checkpoint and the key that it explains', async () => {
    expect(linesOf(example)[0].checkpoint).toBe(note);
    const verifiers = await Verifiers.open();
    try {
      const verdicts = [await verifiers.assent(example, [key]), await verifiers.independent(example, [key])];
      for (const { status, said } of verdicts)
        expect([status, said]).toEqual([0, expect.stringContaining('All is as it was recorded: 2 events')]);
    } finally {
      await verifiers.close();
    }
  });
});

describe('docs/verify.mjs', () => {
  const source = readFileSync(new URL('../../docs/verify.mjs', import.meta.url), 'utf8');

  it('is short, and takes nothing from Assent', () => {
    expect(source.split('\n').length).toBeLessThanOrEqual(150);
    const imports = [...source.matchAll(/^import .* from '(.*)';$/gm)].map(([, from]) => from);
    expect(imports).toEqual(['node:crypto', 'node:fs']);
    expect(source).not.toMatch(/import\(|require\(/);
  });
});
