import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Package, readPackages, readSources } from './packages.ts';

const OBSERVING = ['aggregate', 'budgets', 'config', 'pricing', 'semconv'];
/** Who may import whom; nothing else of ours. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  semconv: [],
  pricing: ['semconv'],
  api: ['semconv'],
  budgets: ['pricing', 'semconv'],
  config: ['budgets', 'pricing', 'semconv'],
  aggregate: ['budgets', 'pricing', 'semconv'],
  instrumentation: ['api', ...OBSERVING],
  processor: OBSERVING,
  monitoring: ['budgets', 'semconv'],
  testkit: ['semconv'],
  // The demo's service imports as any application would; its stack starts the processor and checks the bill.
  demo: ['api', 'instrumentation', 'pricing', 'processor', 'semconv', 'testkit'],
  cli: [...OBSERVING, 'demo', 'instrumentation', 'monitoring', 'processor'],
};
/** Pure: values in, values out. */
const PURE = ['semconv', 'pricing', 'budgets', 'aggregate'];
/** What pure packages may have from outside: a printer of metrics, and the price table that is read once. */
const PURE_IMPORTS = /^(prom-client|node:(fs|path|module))$/;

const packages = readPackages();
/** The specifiers of every import, re-export and require; not of examples in comments. */
const readImports = (own: Package): readonly string[] =>
  readSources(own).flatMap(({ text }) =>
    [...text.matchAll(/^(?! \*).*?(?:\bfrom |\bimport\(|\bimport |[rR]equire\w*\()\s*'([^']+)'/gm)].map(
      (match) => match[1]!,
    ),
  );
const oursOf = (specifiers: Iterable<string>): string[] =>
  [...new Set(specifiers)].flatMap((name) => /^@costspan\/([^/]+)/.exec(name)?.[1] ?? []).sort();

describe.each(packages.map((own) => [own.folder, own] as const))('packages/%s', (folder, own) => {
  it('imports only what lies below it', () => {
    const wrong = oursOf(readImports(own)).filter(
      (name) => name !== folder && !ALLOWED[folder]?.includes(name),
    );
    expect(wrong).toEqual([]);
  });

  it('depends only on what lies below it, and on all that it imports', () => {
    const declared = oursOf(Object.keys(own.manifest.dependencies ?? {}));
    expect(declared.filter((name) => !ALLOWED[folder]?.includes(name))).toEqual([]);
    const used = oursOf(readImports(own)).filter((name) => name !== folder && name !== 'demo');
    expect(used.filter((name) => !declared.includes(name))).toEqual([]);
  });

  // The demo's service has the preload on its command line.
  if (own.manifest.private !== true)
    it('has no dependency that it does not import', () => {
      const imports = readImports(own);
      const unused = Object.keys(own.manifest.dependencies ?? {}).filter(
        (name) => !imports.some((specifier) => specifier === name || specifier.startsWith(`${name}/`)),
      );
      expect(unused).toEqual([]);
    });
});

it.each(packages.filter(({ folder }) => PURE.includes(folder)).map((own) => [own.folder, own] as const))(
  'packages/%s is pure: no I/O, no OpenTelemetry, no clock of its own',
  (_folder, own) => {
    const outside = readImports(own).filter(
      (name) => !name.startsWith('.') && !name.startsWith('@costspan/'),
    );
    expect(outside.filter((name) => !PURE_IMPORTS.test(name))).toEqual([]);
    const clocks = readSources(own).filter(({ text }) =>
      /^(?! *(\/\/|\*)).*\b(Date\.now|performance\.now|setTimeout|setInterval)\(/m.test(text),
    );
    expect(clocks.map(({ file }) => file)).toEqual([]);
  },
);

/** Each file and those of the same package that it imports, types included. */
const readGraph = (own: Package): ReadonlyMap<string, readonly string[]> =>
  new Map(
    readSources(own).map(({ file, text }) => [
      file,
      [...text.matchAll(/ from '(\.[^']+)\.js'/g)].map(([, name]) => `${join(dirname(file), name!)}.ts`),
    ]),
  );

/** A way from the file back to itself; undefined when there is none. */
function findCircle(graph: ReadonlyMap<string, readonly string[]>, start: string): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const open = [start];
  for (let file = open.pop(); file !== undefined; file = open.pop())
    for (const next of graph.get(file) ?? []) {
      if (next === start) {
        const way = [start, file];
        while (way.at(-1) !== start) way.push(cameFrom.get(way.at(-1)!)!);
        return way.reverse();
      }
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, file);
      open.push(next);
    }
  return undefined;
}

it('finds a circle where there is one', () => {
  const graph = new Map([
    ['a', ['b', 'c']],
    ['b', ['c']],
    ['c', ['d', 'b']],
    ['d', []],
  ]);
  expect(findCircle(graph, 'b')).toEqual(['b', 'c', 'b']);
  expect(findCircle(graph, 'a')).toBeUndefined();
});

it.each(packages.map((own) => [own.folder, own] as const))(
  'no file of packages/%s imports itself by way of others, not even for a type',
  (_folder, own) => {
    const graph = readGraph(own);
    expect([...graph.values()].flat().filter((file) => !graph.has(file))).toEqual([]);
    expect([...graph.keys()].flatMap((file) => findCircle(graph, file)?.join(' → ') ?? [])).toEqual([]);
  },
);

it('knows every package', () => {
  expect(packages.map(({ folder }) => folder).sort()).toEqual(Object.keys(ALLOWED).sort());
});
