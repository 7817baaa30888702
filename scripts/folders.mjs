// node scripts/folders.mjs    says where folders of src import each other in a circle, and where an entity imports a dto
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const src = fileURLToPath(new URL('../src/', import.meta.url));
const files = (await readdir(src, { recursive: true })).filter((file) => file.endsWith('.ts'));
const folderOf = (file) => (file.includes(sep) ? file.split(sep)[0] : file);

/** Folder → folder that it imports → the files that do. Files at the top stand for themselves. */
const imports = new Map();
const problems = [];
for (const file of files) {
  const text = await readFile(join(src, file), 'utf8');
  for (const [, path] of text.matchAll(/^(?:import|export)\b[^;]*?from '(\.[^']+)\.js';/gm)) {
    const target = relative(src, join(src, dirname(file), `${path}.ts`));
    if (file.endsWith('.entity.ts') && target.endsWith('.dto.ts')) problems.push(`${file} imports ${target}: an entity knows no request.`);
    const [from, to] = [folderOf(file), folderOf(target)];
    if (from === to) continue;
    const targets = imports.get(from) ?? new Map();
    targets.set(to, [...(targets.get(to) ?? []), `${file} → ${target}`]);
    imports.set(from, targets);
  }
}

/** The shortest way from a folder back to itself. */
function circleOf(folder) {
  const ways = [[folder]];
  const seen = new Set();
  for (const way of ways) {
    for (const to of imports.get(way.at(-1))?.keys() ?? []) {
      if (to === folder) return [...way, to];
      if (!seen.has(to)) ways.push([...way, to]);
      seen.add(to);
    }
  }
  return undefined;
}

const reported = new Set();
for (const folder of imports.keys()) {
  const circle = circleOf(folder);
  const key = circle?.toSorted().join(' ');
  if (!circle || reported.has(key)) continue;
  reported.add(key);
  const steps = circle.slice(1).map((to, index) => `    ${imports.get(circle[index]).get(to).join('\n    ')}`);
  problems.push(`${circle.join(' → ')}\n${steps.join('\n')}`);
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
