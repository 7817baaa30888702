// Makes a checkout ready to run: the right Node, the dependencies of package-lock.json, and a build of the present sources.
// Plain JavaScript without dependencies, because nothing may be installed yet.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The API's types and lists of codes for the pages, made from its description. */
const SCHEMA = 'web/api/schema.ts';
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Installs and builds what isn't up to date. Ends the process with a message if that fails. */
export async function prepare() {
  try {
    refuseOldNode();
    endWithShell();
    if (!isInstalled()) await install();
    await whenChanged('dist', ['nest-cli.json', 'scripts/swagger-plugin.mjs', ...filesBelow('src')], async () => {
      console.log('Building…');
      await run(process.execPath, ['node_modules/@nestjs/cli/bin/nest.js', 'build']);
    });
    const pages = filesBelow('web').filter((path) => !path.startsWith(join('web', 'dist')) && path !== join(SCHEMA));
    await whenChanged('web/dist', ['openapi.json', ...pages], async () => {
      console.log('Building the pages…');
      await run(process.execPath, ['node_modules/openapi-typescript/bin/cli.js', 'openapi.json', '--enum-values', '--output', SCHEMA]);
      await run(process.execPath, ['node_modules/vite/bin/vite.js', 'build', 'web', '--logLevel', 'warn']);
    });
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}

function refuseOldNode() {
  const [major, minor] = readJson('package.json').engines.node.match(/\d+/g).map(Number);
  const [ourMajor, ourMinor] = process.versions.node.split('.').map(Number);
  if (ourMajor > major || (ourMajor === major && ourMinor >= minor)) return;
  throw new Error(`Assent needs Node.js ${major}.${minor} or newer, and this is ${process.versions.node}: see https://nodejs.org.`);
}

/** npm sends SIGTERM only to the shell in which it runs us, and the shell dies without passing it on: we see that we have another parent. */
function endWithShell() {
  const shell = process.ppid;
  if (process.env.npm_lifecycle_event) setInterval(() => process.ppid === shell || process.kill(process.pid, 'SIGTERM'), 50).unref();
}

/** Compares package-lock.json with the record that npm keeps of what it installed, so that an install by hand counts. */
function isInstalled() {
  if (!existsSync(join(root, 'node_modules/.package-lock.json'))) return false;
  const installed = readJson('node_modules/.package-lock.json').packages;
  return Object.entries(readJson('package-lock.json').packages).every(([path, wanted]) => {
    if (!path.startsWith('node_modules/')) return true;
    const found = installed[path];
    // Optional packages are those of other platforms.
    return found ? found.version === wanted.version && found.integrity === wanted.integrity : wanted.optional || wanted.devOptional;
  });
}

async function install() {
  console.log('Installing dependencies…');
  // Development dependencies build, and an optional one is PostgreSQL, whatever NODE_ENV and npm's settings leave out.
  const npm = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund'];
  // npm is a script for a shell on Windows. Elsewhere a shell in between would keep signals from it.
  await (process.platform === 'win32' ? run(['npm', ...npm].join(' '), [], { shell: true }) : run('npm', npm));
}

/** Builds unless the output was built from the same sources. */
async function whenChanged(output, sources, build) {
  const builtFrom = join(root, output, '.assent-build');
  // Taken first: a file that changes during the build makes the next start build again.
  const before = fingerprint(sources);
  if (existsSync(builtFrom) && readFileSync(builtFrom, 'utf8') === before) return;
  await build();
  writeFileSync(builtFrom, before);
}

/** A hash of the names and contents of everything that a build reads. */
function fingerprint(sources) {
  const hash = createHash('sha256');
  for (const path of ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', ...sources].sort()) {
    const content = readFileSync(join(root, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

function filesBelow(folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}

/** Runs a command quietly; its output becomes the error if it fails. */
async function run(command, args, options = {}) {
  const running = promisify(execFile)(command, args, { cwd: root, maxBuffer: 2 ** 28, ...options });
  // A signal to us alone, as a supervisor sends it, must not leave the command behind.
  const stop = (signal) => running.child.once('exit', () => process.exit(1)).kill(signal);
  for (const signal of SIGNALS) process.once(signal, stop);
  await running.catch(({ stdout, message }) => {
    throw new Error(stdout + message);
  });
  for (const signal of SIGNALS) process.off(signal, stop);
}

function readJson(path) {
  return JSON.parse(readFileSync(join(root, path), 'utf8'));
}
