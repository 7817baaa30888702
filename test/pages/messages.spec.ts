import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const WEB = fileURLToPath(new URL('../../web/', import.meta.url));
const WORDS = join(WEB, 'messages', 'en');
const files = readdirSync(WEB, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name) && !name.startsWith('dist'))
  .map((name) => join(WEB, name));
const sources = new Map(files.map((file) => [file, ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true)]));

const words: Record<string, unknown> = {};
/** The first part of keys, and the file in messages/en that has their words. */
const fileOfGroup = new Map<string, string>();
for (const name of readdirSync(WORDS)) {
  const groups = (await import(join(WORDS, name))) as Record<string, unknown>;
  for (const group of Object.keys(groups)) fileOfGroup.set(group, join(WORDS, name));
  Object.assign(words, groups);
}

describe('the words of the pages', () => {
  const inIndex = importsOf(join(WEB, 'messages', 'index.ts'));
  const shared = new Set(inIndex.filter(({ lazy }) => !lazy).map(({ file }) => file));
  const pages = files.filter((file) => basename(file) === 'routes.ts' || basename(file).endsWith('-route.ts')).flatMap(pagesOf);

  it('come with each page, as its route names their subjects', () => {
    expect(pages.length).toBeGreaterThan(20);
    const wrong = pages.flatMap(({ page, subjects }) => {
      const used = new Set(
        [...reachedFrom(page)].flatMap((file) => groupsIn(sourceOf(file))).map((group) => fileOfGroup.get(group) ?? group),
      );
      const wanted = [...used].filter((file) => !shared.has(file)).map(subjectOf);
      return String(wanted.sort()) === String([...subjects].sort())
        ? []
        : [`${relative(WEB, page)} uses ${wanted.join(', ')}, and its route names ${subjects.join(', ')}`];
    });
    expect(wrong).toEqual([]);
  });

  it('are with the first page, where it is no page that uses them', () => {
    const others = files.filter((file) => !file.startsWith(join(WEB, 'pages')) && !file.startsWith(join(WEB, 'messages')));
    const used = new Set(others.flatMap((file) => groupsIn(sourceOf(file))).map((group) => fileOfGroup.get(group) ?? group));
    expect([...used].filter((file) => !shared.has(file)).map(subjectOf)).toEqual([]);
  });

  it('are asked for when something is shown, as a script may arrive before them', () => {
    const early = files.flatMap((file) =>
      callsIn(file)
        .filter((call) => !ts.findAncestor(call, runsLater) && groupsIn(call).some((group) => !shared.has(fileOfGroup.get(group) ?? '')))
        .map((call) => `${relative(WEB, file)}: ${call.getText()}`),
    );
    expect(early).toEqual([]);
  });
});

/** A function that isn't given to a call, as to map(). */
function runsLater(node: ts.Node): boolean {
  return ts.isFunctionLike(node) && !ts.isCallExpression(node.parent);
}

/** end-reasons.ts has the subject endReasons. */
function subjectOf(file: string): string {
  return basename(file, '.ts').replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function visit(node: ts.Node, each: (node: ts.Node) => void): void {
  each(node);
  ts.forEachChild(node, (child) => visit(child, each));
}

/** What a module imports of ours, types apart. */
function importsOf(file: string): { file: string; lazy: boolean }[] {
  const found: { file: string; lazy: boolean }[] = [];
  visit(sourceOf(file), (node) => {
    const from =
      ts.isImportDeclaration(node) && node.importClause?.phaseModifier !== ts.SyntaxKind.TypeKeyword
        ? node.moduleSpecifier
        : ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
          ? node.arguments[0]
          : undefined;
    if (from && ts.isStringLiteral(from) && /^\..*\.tsx?$/.test(from.text))
      found.push({ file: join(dirname(file), from.text), lazy: ts.isCallExpression(node) });
  });
  return found;
}

/** A page and all that it imports; addresses, which name other pages, apart. */
function reachedFrom(page: string): Set<string> {
  const reached = new Set<string>();
  const add = (file: string): void => {
    if (reached.has(file) || /routes?\.ts$/.test(file) || file.startsWith(join(WEB, 'messages'))) return;
    reached.add(file);
    for (const next of importsOf(file)) add(next.file);
  };
  add(page);
  return reached;
}

/** The pages that a file of routes loads, with the subjects that it names for each. */
function pagesOf(file: string): { page: string; subjects: string[] }[] {
  const found: { page: string; subjects: string[] }[] = [];
  visit(sourceOf(file), (node) => {
    if (!ts.isCallExpression(node) || node.expression.getText() !== 'lazyRouteComponent') return;
    const [page] = /import\('(.+?)'\)/.exec(node.getText())?.slice(1) ?? [];
    const [loads] = node.arguments;
    const subjects = loads && ts.isCallExpression(loads) ? loads.arguments.filter(ts.isStringLiteral).map(({ text }) => text) : [];
    if (page) found.push({ page: join(dirname(file), page), subjects });
  });
  return found;
}

function callsIn(file: string): ts.CallExpression[] {
  const calls: ts.CallExpression[] = [];
  visit(sourceOf(file), (node) => {
    if (isCall(node)) calls.push(node);
  });
  return calls;
}

function sourceOf(file: string): ts.SourceFile {
  const source = sources.get(file);
  if (!source) throw new Error(`${file} is imported, and isn't there.`);
  return source;
}

/** The groups of words that a piece of code asks for: by t(), by tMaybe(), or by the keys that a module of PlainKeys lists. */
function groupsIn(code: ts.Node): string[] {
  const groups = new Set<string>();
  const note = (node: ts.Node) => {
    if (!ts.isStringLiteral(node) && !ts.isTemplateHead(node)) return;
    const [group = ''] = node.text.split('.');
    // What begins alike needn't be a key: permissions and codes don't lead to words.
    if (fileOfGroup.has(group) && (ts.isTemplateHead(node) || wordsAt(node.text) !== undefined)) groups.add(group);
  };
  const keys = code.getText().includes('PlainKey');
  visit(code, (node) => {
    if (keys) note(node);
    else if (isCall(node) && node.arguments[0]) visit(node.arguments[0], note);
  });
  return [...groups];
}

function wordsAt(key: string): unknown {
  return key.split('.').reduce<unknown>((at, part) => (at as Readonly<Record<string, unknown>> | undefined)?.[part], words);
}

function isCall(node: ts.Node): node is ts.CallExpression {
  return ts.isCallExpression(node) && ['t', 'tMaybe'].includes(node.expression.getText());
}
