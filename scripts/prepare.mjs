// Makes a checkout ready to run: the right Node, the dependencies of package-lock.json, and a build of the present sources.
// Plain JavaScript without dependencies, because nothing may be installed yet.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The API's types and lists of codes for the pages, made from its description. */
const SCHEMA = 'web/api/schema.ts';
const LOCK = join(root, '.prepare-lock');
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** What is built, each from its own sources, so that a change of one leaves the other as it is. */
const SERVER = {
  builtFrom: join(root, 'dist', '.assent-build'),
  sources: () => ['nest-cli.json', 'scripts/swagger-plugin.mjs', ...filesBelow('src')],
  commands: [[join('node_modules', '@nestjs', 'cli', 'bin', 'nest.js'), 'build']],
};
const PAGES = {
  builtFrom: join(root, 'web', 'dist', '.assent-build'),
  sources: () => ['openapi.json', ...filesBelow('web').filter((path) => !path.startsWith('web/dist/') && path !== SCHEMA)],
  commands: [
    [join('node_modules', 'openapi-typescript', 'bin', 'cli.js'), 'openapi.json', '--enum-values', '--output', SCHEMA],
    [join('node_modules', 'vite', 'bin', 'vite.js'), 'build', 'web', '--logLevel', 'warn'],
  ],
};

/** Installs and builds what isn't up to date. Ends the process with a message if that fails. */
export async function prepare() {
  try {
    refuseOldNode();
    endWithShell();
    if (isInstalled() && isBuilt(SERVER) && isBuilt(PAGES)) return;
    await alone(async () => {
      // The process that we waited for may have done it all.
      if (!isInstalled()) await install();
      if (!isBuilt(SERVER)) await build(SERVER, 'Building…');
      if (!isBuilt(PAGES)) await build(PAGES, 'Building the pages…');
    });
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}

function refuseOldNode() {
  const { engines } = readJson('package.json');
  const [major, minor] = engines.node.match(/\d+/g).map(Number);
  const [ourMajor, ourMinor] = process.versions.node.split('.').map(Number);
  if (ourMajor > major || (ourMajor === major && ourMinor >= minor)) return;
  throw new Error(
    `Assent needs Node.js ${major}.${minor} or newer, and this is ${process.versions.node}: install a newer one from https://nodejs.org.`,
  );
}

/**
 * npm runs us in a shell and gives a SIGTERM to that alone. Many a shell dies of it without telling us: we see that we have
 * another parent, and tell ourselves. Windows has neither the signal nor new parents.
 */
function endWithShell() {
  if (!process.env.npm_lifecycle_event) return;
  const shell = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, 50);
  timer.unref();
}

/** Compares package-lock.json with the record that npm keeps of what it installed, so that an install by hand counts. */
function isInstalled() {
  if (!existsSync(join(root, 'node_modules', '.package-lock.json'))) return false;
  const installed = readJson('node_modules/.package-lock.json').packages;
  return Object.entries(readJson('package-lock.json').packages).every(([path, wanted]) => {
    if (!path.startsWith('node_modules/')) return true;
    const found = installed[path];
    // Optional packages are those of other platforms.
    if (!found) return Boolean(wanted.optional || wanted.devOptional);
    return found.version === wanted.version && found.integrity === wanted.integrity;
  });
}

async function install() {
  console.log('Installing dependencies…');
  // "ci" starts afresh: "install" trusts packages that a killed one left half unpacked. Development dependencies build, and an
  // optional one is PostgreSQL, whatever NODE_ENV and npm's settings leave out.
  const npm = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund'];
  // npm is a script for a shell on Windows. Elsewhere a shell in between would keep signals from it.
  if (process.platform === 'win32') await run(['npm', ...npm].join(' '), [], { shell: true });
  else await run('npm', npm);
}

function isBuilt({ builtFrom, sources }) {
  return existsSync(builtFrom) && readFileSync(builtFrom, 'utf8') === fingerprint(sources());
}

async function build({ builtFrom, sources, commands }, message) {
  console.log(message);
  // Taken first: a file that changes during the build then makes the next start build again.
  const before = fingerprint(sources());
  for (const command of commands) await run(process.execPath, command);
  writeFileSync(builtFrom, before);
}

/** A hash of the names and contents of everything that a build reads. */
function fingerprint(sources) {
  const hash = createHash('sha256');
  const configuration = readdirSync(root).filter((name) => /^(tsconfig.*|package|package-lock)\.json$/.test(name));
  for (const path of [...configuration, ...sources].sort()) {
    const content = readFileSync(join(root, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

function filesBelow(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

/** Runs a command quietly; its output becomes the error if it fails. */
function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], ...options });
    if (child.pid) appendFileSync(join(LOCK, 'pids'), `${child.pid}\n`);
    let output = '';
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    // A signal to us alone, as a supervisor sends it, must not leave the command behind.
    const stop = (signal) => {
      child.kill(signal);
      child.once('exit', () => process.exit(1));
    };
    for (const signal of SIGNALS) process.once(signal, stop);
    child.once('error', reject);
    child.once('close', (code) => {
      for (const signal of SIGNALS) process.off(signal, stop);
      if (code === 0) resolve();
      else reject(new Error(`${output.trimEnd()}\n\n"${[command, ...args].join(' ')}" failed.`));
    });
  });
}

/** One process at a time: two would tear up node_modules and dist. */
async function alone(work) {
  const own = await takeLock();
  try {
    await work();
  } finally {
    // Back under its own name first: deleted in place it would be empty for a moment, and an empty folder can be taken.
    renameSync(LOCK, own);
    rmSync(own, { recursive: true, force: true });
  }
}

async function takeLock() {
  for (let told = false; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const holders = holdersOf(LOCK);
    const living = holders?.find(isAlive);
    if (!holders) {
      const own = tryLock();
      if (own) return own;
    } else if (!living) {
      removeAbandoned(holders);
    } else if (!told) {
      console.log(`Waiting for process ${living} to finish installing or building… (If it does neither, delete ${LOCK}.)`);
      told = true;
    }
  }
}

/** The lock is a folder that gets its name when its contents are complete. */
function tryLock() {
  const own = mkdtempSync(`${LOCK}-`);
  writeFileSync(join(own, 'pids'), `${process.pid}\n`);
  if (renamed(own, LOCK)) return own;
  rmSync(own, { recursive: true, force: true });
  return undefined;
}

function removeAbandoned(holders) {
  const grave = join(mkdtempSync(`${LOCK}-`), 'abandoned');
  const moved = renamed(LOCK, grave);
  // Between our look and our move, another process may have removed it and taken the lock: then it goes back.
  if (moved && String(holdersOf(grave)) !== String(holders)) renamed(grave, LOCK);
  rmSync(dirname(grave), { recursive: true, force: true });
}

function renamed(from, to) {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    // Windows says EPERM when the name is taken.
    if (['EEXIST', 'ENOTEMPTY', 'ENOENT', 'EPERM'].includes(error.code)) return false;
    throw error;
  }
}

/** The process that took the lock, and the commands it ran: those may outlive it. */
function holdersOf(lock) {
  try {
    return readFileSync(join(lock, 'pids'), 'utf8').trim().split('\n').map(Number);
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function isAlive(pid) {
  // Asked while we hold no lock: a container that was killed and started again numbers its processes as before.
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
  try {
    // A zombie has ended; where process 1 doesn't collect orphans, as in many containers, it stays for good.
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}

function readJson(path) {
  return JSON.parse(readFileSync(join(root, path), 'utf8'));
}
