import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { watchCompiling } from './compile.js';
import { narrowStacks, widenStacks } from './stacks.js';
import { compareVersions } from './version-order.js';

type Hooks = ReturnType<typeof registerHooks>;
type Load = Parameters<typeof registerHooks>[0]['load'] & object;
/** What a `load` hook gives. */
export type LoadResult = ReturnType<Load>;

/** Which files to read, and what to make of them. */
export interface FileHooks {
  /** Whether a file that was found, by its URL, is to be passed to `change` when it is loaded. */
  readonly isWanted: (url: string) => boolean;
  readonly change: (loaded: LoadResult, url: string) => LoadResult;
}

/**
 * Hooks the loading of the wanted files, in `require` and `import`, and of no other: `load` hooks change how older
 * Nodes load every module (see {@link HAS_LOAD_DEFECT}). So only `resolve` is hooked all the time, which changes
 * nothing, and `load` from the moment a wanted file was found until it has been read. Returns the end of it.
 *
 * A file may be found more than once, under one URL each: import-in-the-middle puts a module of its own in front of it,
 * under the same URL with a query, and imports the file itself from there. Hooks that run after ours may put a query
 * behind what was found, so what is loaded is told by the file alone.
 */
export function hookFiles({ isWanted, change }: FileHooks): () => void {
  const seen = new Set<string>();
  const wanted = new Set<string>();
  const expected = new Set<string>();
  let loading: Hooks | undefined;
  let unhookCompiling: (() => void) | undefined;
  const unhookLoading = (): void => {
    loading?.deregister();
    unhookCompiling?.();
    loading = unhookCompiling = undefined;
  };
  const hasArrived = (file: string): boolean => {
    if (!expected.delete(file)) return false;
    if (expected.size === 0) unhookLoading();
    return true;
  };
  const load: Load = (url, context, nextLoad) => {
    const loaded = loadNext(url, () => nextLoad(url, context));
    const file = withoutQuery(url);
    hasArrived(file);
    const result = wanted.has(file) ? change(loaded, url) : loaded;
    return isImport(context) ? asImported(result) : result;
  };
  const compile = (source: string, path: string): string => {
    const url = pathToFileURL(path).href;
    return hasArrived(url) ? String(change({ format: 'commonjs', source }, url).source) : source;
  };
  const hookLoading = (): void => {
    loading ??= registerHooks({ load });
    unhookCompiling ??= watchCompiling(compile);
  };
  const resolving = registerHooks({
    resolve(specifier, context, nextResolve) {
      const room = widenStacks();
      let resolved: ReturnType<typeof nextResolve>;
      try {
        resolved = nextResolve(specifier, context);
      } finally {
        // No `catch`: Node shows the line that throws, and that must not be ours.
        narrowStacks(room);
      }
      const file = withoutQuery(resolved.url);
      if (!seen.has(resolved.url) && isWanted(file)) {
        seen.add(resolved.url);
        wanted.add(file);
        expected.add(file);
        hookLoading();
      }
      return resolved;
    },
  });
  return () => {
    resolving.deregister();
    unhookLoading();
  };
}

/** The URL of a file without what other hooks have put behind it. */
export const withoutQuery = (url: string): string => url.replace(/[?#].*$/, '');

/** The conditions are a list, but on some Nodes a set. */
const isImport = ({ conditions }: { conditions?: Iterable<string> }): boolean =>
  [...(conditions ?? [])].includes('import');

/**
 * Nodes on which a CommonJS module that is imported under any `load` hook gets a `require` that fails on some packages
 * ("request for './index.js' is not in cache", Express 5 on Node 22.15). Mended in the releases named here.
 */
const HAS_LOAD_DEFECT = isBefore(process.versions.node);

function isBefore(version: string): boolean {
  const mended = { '22': '22.22.3', '23': '24.0.0', '24': '24.11.1', '25': '25.1.0' }[
    version.split('.', 1)[0]!
  ];
  return mended !== undefined && compareVersions(version, mended) < 0;
}

/** Where Node has the defect: its own name for CommonJS that its CommonJS loader loads, as it does without a hook. */
const asImported = (loaded: LoadResult): LoadResult =>
  HAS_LOAD_DEFECT && loaded.format === 'commonjs' ? { ...loaded, format: 'commonjs-sync' } : loaded;

/**
 * The next load step. Node 22.15 refuses, as soon as there is a `load` hook, what an asynchronous loader
 * (`module.register`, `--experimental-loader`) says of CommonJS that is imported: it has no source. There the source
 * is read in its place, so that no application fails for our hook.
 */
function loadNext(url: string, next: () => LoadResult): LoadResult {
  try {
    return next();
  } catch (error) {
    const { code } = (error ?? {}) as { code?: unknown };
    if (code !== 'ERR_INVALID_RETURN_PROPERTY_VALUE' || !/^file:[^?#]*\.c?js$/.test(url)) throw error;
    return { format: 'commonjs', source: readFileSync(fileURLToPath(url)), shortCircuit: true };
  }
}
