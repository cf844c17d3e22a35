// The arrows of docs/architecture.md, and what else a linter cannot see. Run by `node --test`.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const packages = join(root, 'packages');

const arrows = readArrows(readFileSync(join(root, 'docs/architecture.md'), 'utf8'));

/** Package → the packages that it may import, from the table whose last column is "may import". */
function readArrows(text) {
  const lines = text.split('\n');
  const head = lines.findIndex((line) => line.endsWith('| may import |'));
  assert.notEqual(head, -1, 'docs/architecture.md has no table with the column "may import"');
  const rows = lines.slice(head + 2, lines.findIndex((line, index) => index > head && !line.startsWith('|')));
  const cells = rows.map((row) => row.split('|').slice(1, -1).map((cell) => cell.trim()));
  const names = cells.map(([name]) => /^`(?:@selfsup\/)?([^`]+)`$/.exec(name)[1]);
  const targets = (list) => ({ all: names, '–': [] })[list] ?? list.split(', ');
  return Object.fromEntries(cells.map((row, index) => [names[index], targets(row.at(-1))]));
}

/** Entries that are for Node alone; every other entry must run in a browser. */
const nodeEntries = (name, entry) => name === 'selfsup' || entry === './node' || (name === 'testing' && entry === './vitest');

const builtins = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));
const backends = /^@tensorflow\/tfjs-(backend-|node)|^@tensorflow\/tfjs$|^@selfsup\/backend-/;
const lineLimit = 300;

function filesUnder(folder, wanted) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && wanted.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !/[\\/](node_modules|dist|generated)[\\/]/.test(file));
}

const isTest = (file) => /\.test(-d)?\.ts$|[\\/]test[\\/]/.test(file);

/** Every module that a file names, with `typeOnly` where nothing of it is left at run time. */
function importsOf(file) {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
  const found = [];
  const visit = (node) => {
    const specifier = node.moduleSpecifier ?? node.argument?.literal;
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && specifier) {
      found.push({ name: specifier.text, typeOnly: Boolean(node.importClause?.isTypeOnly || node.isTypeOnly) });
    } else if (ts.isImportTypeNode(node) && specifier) {
      found.push({ name: specifier.text, typeOnly: true });
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments;
      if (argument && ts.isStringLiteral(argument)) found.push({ name: argument.text, typeOnly: false });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** `@selfsup/data/node` → `data`; undefined for what is not of this repository. */
function ownPackage(specifier) {
  if (specifier === 'selfsup' || specifier.startsWith('selfsup/')) return 'selfsup';
  return /^@selfsup\/([^/]+)/.exec(specifier)?.[1];
}

/** `@tensorflow/tfjs-core/dist/x` → `@tensorflow/tfjs-core`. */
const packageOf = (specifier) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

/** The files of its own package that an entry pulls in at run time. */
function reachableFrom(entry) {
  const seen = new Set();
  const queue = [entry];
  for (const file of queue) {
    if (seen.has(file) || !existsSync(file)) continue;
    seen.add(file);
    for (const { name, typeOnly } of importsOf(file)) {
      if (!typeOnly && name.startsWith('.')) queue.push(join(dirname(file), name));
    }
  }
  return [...seen];
}

const show = (file) => relative(root, file);

test('the table names every package, and nobody imports from a row above', () => {
  assert.deepEqual(readdirSync(packages).toSorted(), Object.keys(arrows).toSorted());
  const order = Object.keys(arrows);
  const upwards = order.flatMap((name, row) => arrows[name].filter((other) => other !== name && order.indexOf(other) <= row).map((other) => `${name} → ${other}`));
  assert.deepEqual(upwards, []);
});

for (const [name, allowed] of Object.entries(arrows)) {
  const folder = join(packages, name);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const sources = filesUnder(join(folder, 'src'), /\.ts$/);
  const shipped = sources.filter((file) => !isTest(file));
  const { dependencies = {}, peerDependencies = {}, devDependencies = {} } = manifest;
  const shippedDependencies = { ...dependencies, ...peerDependencies };

  test(`${name}: package.json depends only on the packages that it may import`, () => {
    const wrong = Object.keys(shippedDependencies).map(ownPackage).filter((own) => own && !allowed.includes(own));
    assert.deepEqual(wrong, []);
  });

  test(`${name}: src imports only what package.json declares, and only along the arrows`, () => {
    const wrong = [];
    for (const file of sources) {
      const declared = isTest(file) ? { ...shippedDependencies, ...devDependencies } : shippedDependencies;
      for (const { name: specifier, typeOnly } of importsOf(file)) {
        if (specifier.startsWith('.') || builtins.has(specifier)) continue;
        const own = ownPackage(specifier);
        const known = packageOf(specifier) in declared || own === name || (isTest(file) && isRootTool(specifier));
        if (!known) wrong.push(`${show(file)} imports ${specifier}, which package.json does not declare`);
        if (own && own !== name && !isTest(file) && !allowed.includes(own)) wrong.push(`${show(file)} imports ${specifier} against the arrows`);
        if (!isTest(file) && !typeOnly && name !== 'selfsup' && name !== 'backend-wasm' && backends.test(specifier)) {
          wrong.push(`${show(file)} imports the backend ${specifier}; only programs and tests choose one`);
        }
        if (/^@tensorflow\/[^/]+\/dist\//.test(specifier)) wrong.push(`${show(file)} reaches into ${specifier}`);
      }
    }
    assert.deepEqual(wrong, []);
  });

  test(`${name}: its browser entries reach no Node built-in`, () => {
    const wrong = [];
    for (const [entry, target] of Object.entries(manifest.exports)) {
      const source = target['@selfsup/source'];
      if (!source || nodeEntries(name, entry)) continue;
      for (const file of reachableFrom(join(folder, source))) {
        for (const { name: specifier, typeOnly } of importsOf(file)) {
          const forNode = builtins.has(specifier) || /^@selfsup\/[^/]+\/node$/.test(specifier);
          if (forNode && !typeOnly) wrong.push(`${entry}: ${show(file)} imports ${specifier}`);
        }
      }
    }
    assert.deepEqual(wrong, []);
  });

  test(`${name}: no file is longer than ${lineLimit} lines, and none has a default export`, () => {
    const wrong = [];
    for (const file of [...sources, ...filesUnder(join(folder, 'assembly'), /\.ts$/), ...filesUnder(join(folder, 'test'), /\.ts$/)]) {
      const text = readFileSync(file, 'utf8');
      const lines = text.split('\n').length - 1;
      if (lines > lineLimit) wrong.push(`${show(file)} has ${lines} lines`);
      if (/^export default\b/m.test(text)) wrong.push(`${show(file)} has a default export`);
    }
    assert.deepEqual(wrong, []);
  });

  test(`${name}: its index names what it exports`, () => {
    const wrong = shipped.filter((file) => /[\\/]index\.ts$/.test(file) && /^export \*(?! as )/m.test(readFileSync(file, 'utf8')));
    assert.deepEqual(wrong.map(show), []);
  });
}

/** Tests may use the tools that the repository's root installs for all of them. */
function isRootTool(specifier) {
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return packageOf(specifier) in devDependencies;
}
