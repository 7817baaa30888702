import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withDatabase } from './support/database.js';
import { withServer } from './support/server.js';

const TOUR = new URL('../docs/TOUR.md', import.meta.url);
/** For machines without curl: a stand-in with the options that the tour uses. The machine's own curl comes first. */
const FALLBACK = fileURLToPath(new URL('support/bin', import.meta.url));
const BETWEEN = '-- next block --';

/** Each block of shell on the page, with the output that the page shows below it. */
function stepsOf(page: string): { readonly script: string; readonly shown: string }[] {
  return [...page.matchAll(/```sh\n(.*?)```\n\n```text\n(.*?)```/gs)].map(([, script = '', shown = '']) => ({ script, shown }));
}

function run(script: string, env: Record<string, string>): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const shell = spawn('sh', ['-e', '-c', script], { env: { ...process.env, ...env } });
    let [stdout, stderr] = ['', ''];
    shell.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    shell.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    shell.once('error', reject);
    shell.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** `…` stands for anything within a line. */
function matching(shown: string): RegExp {
  return new RegExp(`^${shown.split('…').map(escape).join('.+')}$`);
}

function escape(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
}

it('docs/TOUR.md does what it shows', async () => {
  const steps = stepsOf(await readFile(TOUR, 'utf8'));
  const dataDir = await mkdtemp(join(tmpdir(), 'assent-tour-'));
  try {
    await withDatabase({ migrated: true }, (database) =>
      withServer({ shared: database, env: { ASSENT_DEMO: 'on', DATA_DIR: dataDir } }, async ({ url }) => {
        const { code, stdout, stderr } = await run(steps.map(({ script }) => script).join(`\necho '${BETWEEN}'\n`), {
          API: `${url}/api`,
          ACCOUNTS: join(dataDir, 'demo-accounts.json'),
          PATH: `${process.env['PATH']}:${FALLBACK}`,
        });
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
        expect(stdout.split(`${BETWEEN}\n`)).toEqual(steps.map(({ shown }) => expect.stringMatching(matching(shown))));
      }),
    );
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});
