import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import type * as Node from '@selfsup/data/node';
import ts from 'typescript';

const sources = new URL('../src/', import.meta.url);

const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  verbatimModuleSyntax: true,
  rewriteRelativeImportExtensions: true,
};

/** Threads run JavaScript. So this compiles the sources, file by file, into `folder`, and answers the Node entry that it compiled. */
export async function compileSources(folder: URL): Promise<typeof Node> {
  await mkdir(folder, { recursive: true });
  for (const file of await readdir(sources)) {
    if (file.endsWith('.test.ts') || file.endsWith('.test-helper.ts')) continue;
    const { outputText } = ts.transpileModule(await readFile(new URL(file, sources), 'utf8'), { compilerOptions });
    await writeFile(new URL(file.replace(/\.ts$/, '.js'), folder), outputText);
  }
  return (await import(new URL('node.js', folder).href)) as typeof Node;
}
