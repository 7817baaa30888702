import { execFile } from 'node:child_process';
import { lstat, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const UNPACK = fileURLToPath(new URL('unpack-chromium.mjs', import.meta.url));
const PACKAGE = new URL('../../node_modules/@sparticuz/chromium/package.json', import.meta.url);

/** Where the package also unpacks the libraries that a bare Linux lacks: NSS and expat. */
const AS_IN_LAMBDA = { CODEBUILD_BUILD_IMAGE: 'nodejs20' };

/** The package's own names folders of Lambda. Without any font a text has no size, and what has no size can't be clicked. */
const FONTS = '<fontconfig><dir prefix="relative">fonts</dir></fontconfig>';

/** The system's own libraries come first, where it has them. */
const SYSTEM_LIBRARIES = ['/usr/lib/x86_64-linux-gnu', '/usr/lib64', '/usr/lib'];

/** Written last: the size of each file. Whoever tidies /tmp leaves folders with holes. */
const CONTENTS = 'contents.json';

/** An unpacking that takes longer was killed. */
const ABANDONED_MS = 600_000;

/** The Chromium of @sparticuz/chromium, for Linux on x64; unpacked once for each user, whichever checkout and process comes first. */
export async function shippedChromium(): Promise<{ executablePath: string; env: Record<string, string> }> {
  const { version } = JSON.parse(await readFile(PACKAGE, 'utf8')) as { version: string };
  const ours = await ourFolder();
  const folder = join(ours, version);
  if (!(await isComplete(folder))) await unpack(ours, folder);
  return {
    executablePath: join(folder, 'chromium'),
    env: {
      LD_LIBRARY_PATH: [...SYSTEM_LIBRARIES, join(folder, 'al2023', 'lib')].join(':'),
      FONTCONFIG_FILE: join(folder, 'fonts', 'assent.conf'),
    },
  };
}

/** Everybody may write in /tmp: we run only what nobody else could have put there. */
async function ourFolder(): Promise<string> {
  const uid = process.getuid?.();
  const folder = join(tmpdir(), `assent-chromium-${uid}`);
  await mkdir(folder, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  const found = await lstat(folder);
  if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o022) !== 0) {
    throw new Error(`${folder} isn’t a folder that this user alone can write: remove it, or set TMPDIR.`);
  }
  return folder;
}

/** Several processes may unpack at once, and be killed: a folder gets its name when it is complete, and the first one stays. */
async function unpack(ours: string, folder: string): Promise<void> {
  await removeAbandoned(ours);
  const work = await mkdtemp(join(ours, 'work-'));
  try {
    const fresh = join(work, 'fresh');
    await mkdir(fresh);
    await promisify(execFile)(process.execPath, [UNPACK], { env: { ...process.env, ...AS_IN_LAMBDA, TMPDIR: fresh } });
    await writeFile(join(fresh, 'fonts', 'assent.conf'), FONTS);
    await writeFile(join(fresh, CONTENTS), JSON.stringify(await sizes(fresh)));
    if ((await renamed(fresh, folder)) || (await isComplete(folder))) return;
    await renamed(folder, join(work, 'incomplete'));
    await renamed(fresh, folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function removeAbandoned(ours: string): Promise<void> {
  for (const name of await readdir(ours)) {
    const folder = join(ours, name);
    const age = Date.now() - (await stat(folder).catch(() => ({ mtimeMs: Infinity }))).mtimeMs;
    if (name.startsWith('work-') && age > ABANDONED_MS) await rm(folder, { recursive: true, force: true });
  }
}

async function isComplete(folder: string): Promise<boolean> {
  try {
    const expected = JSON.parse(await readFile(join(folder, CONTENTS), 'utf8')) as Record<string, number>;
    const found = await sizes(folder);
    return Object.entries(expected).every(([name, size]) => found[name] === size);
  } catch {
    return false;
  }
}

async function sizes(folder: string): Promise<Record<string, number>> {
  const entries: [string, number][] = [];
  for (const name of await readdir(folder, { recursive: true })) {
    const found = await stat(join(folder, name));
    if (found.isFile()) entries.push([name, found.size]);
  }
  return Object.fromEntries(entries);
}

async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (['EEXIST', 'ENOTEMPTY', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}
