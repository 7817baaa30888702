// node scripts/page-size.mjs    how much script the sign-in and the start page load, compressed; fails above the budget
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

const BUDGET_KB = 180;
/** Of what nobody waits for before they see the page. */
const PAGES = { 'the sign-in': [], 'the start page': ['components/frame.tsx', 'pages/today/today-page.tsx'] };

await prepare();
const dist = join(root, 'web', 'dist');
const manifest = JSON.parse(readFileSync(join(dist, 'manifest.json'), 'utf8'));

for (const [name, entries] of Object.entries(PAGES)) {
  const files = [...new Set(['index.html', ...entries].flatMap(filesOf))];
  const [brotli, gzip] = ['.br', '.gz'].map(
    (suffix) => files.reduce((sum, file) => sum + statSync(join(dist, file) + suffix).size, 0) / 1000,
  );
  console.log(`${name}: ${files.length} scripts, ${brotli.toFixed(1)} kB in brotli (${gzip.toFixed(1)} kB in gzip)`);
  // Every browser asks for brotli over https and on localhost.
  if (brotli > BUDGET_KB) {
    console.error(
      `That is more than ${BUDGET_KB} kB: load what isn't needed on the first view on demand (lazyRouteComponent, React.lazy).`,
    );
    process.exitCode = 1;
  }
}

/** A chunk and those that it imports statically. */
function filesOf(key) {
  const { file, imports = [] } = manifest[key];
  return [file, ...imports.flatMap(filesOf)];
}
