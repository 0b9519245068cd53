import { registerHooks } from 'node:module';
import { CHANNEL } from '../channels.js';
import { guard, reportFailure, warnOperator } from '../diagnostics.js';
import { ANNOUNCE, type Announce, type Found, findWanted, withAnnouncements } from './announce.js';
import { findBuilt, isBuiltFile } from './built.js';
import type { WatchedEntry } from './entries.js';
import { createGate, type Gate, isSdk, losesCalls, matchAny, readManifest, refuseVersion } from './gate.js';
import { hookFiles, type LoadResult } from './hooks.js';
import { type RefusedSdk, watchVersions } from './versions.js';

/** A class or a function of an SDK, a framework or a router that the application loaded. */
export interface LoadedClass<Entry extends WatchedEntry = WatchedEntry> {
  readonly entry: Entry;
  /** As the gate names it. */
  readonly className: string;
  readonly loadedClass: unknown;
  /** Of a function: puts another one in its place. */
  readonly replace?: Found['replace'];
  readonly version: string;
}

const announcers: Announce[] = [];

/** Runtimes that have Node's API, by the global that each of them has. Deno 2.9 ends in a panic under hooks as ours. */
const otherRuntimes = globalThis as {
  readonly Bun?: { readonly version?: unknown };
  readonly Deno?: { readonly version?: { readonly deno?: unknown } };
};

/** What runs the application where modules cannot be watched: a Node that is too old, or no Node; else `undefined`. */
export function readUnwatchedRuntime(): string | undefined {
  const { Bun: bun, Deno: deno } = otherRuntimes;
  if (bun !== undefined) return `Bun ${bun.version}`;
  if (deno !== undefined) return `Deno ${deno.version?.deno}`;
  return typeof registerHooks === 'function' ? undefined : `Node ${process.versions.node}`;
}

/**
 * Watches for the SDKs of `entries`, in `require` and `import` alike, main thread and workers, and tells each of their
 * classes when its module has run. An SDK file gets one line more at its end that announces its classes; every other
 * file passes untouched. Returns the end of the watch.
 */
export function watchModules(
  entries: readonly WatchedEntry[],
  onLoaded: (found: LoadedClass) => void,
): () => void {
  const gates = entries.map(createGate);
  const anyPattern = matchAny(gates);
  const announce = createAnnounce(gates, onLoaded);
  announcers.push(announce);
  installAnnouncer();
  const noteVersion = watchVersions(gates, refuse);
  const unhook = hookFiles({
    isWanted: (url) => {
      guard('reading the version of an SDK', () => noteVersion(url));
      return (anyPattern.test(url) && isPackageOf(gates, url)) || isBuiltFile(url);
    },
    change: (loaded, url) => announceFrom(gates, loaded, url),
  });
  const files = Object.keys(require.cache).filter((file) => anyPattern.test(file));
  for (const file of files) announceLoaded(file, gates, announce);
  return () => {
    unhook();
    announcers.splice(announcers.indexOf(announce), 1);
  };
}

function createAnnounce(gates: readonly Gate[], onLoaded: (found: LoadedClass) => void): Announce {
  return (file, packageName, found) => {
    const { value, className, replace } = found;
    const gate = gates.find(
      ({ entry, classNames, functionNames }) =>
        entry.module.package === packageName &&
        (className === undefined || classNames.includes(className) || functionNames.includes(className)),
    );
    if (gate === undefined || typeof value !== 'function') return;
    const version = acceptedVersion(gate, file, found);
    if (version === undefined) return;
    const { entry } = gate;
    if (CHANNEL.SDK.hasSubscribers && isSdk(entry))
      CHANNEL.SDK.publish({ package: packageName, version, file, isRecorded: true });
    const loaded = { entry, className: className ?? gate.classNames[0]!, loadedClass: value, version };
    onLoaded(replace === undefined ? loaded : { ...loaded, replace });
  };
}

/** Many packages have an `index.js`; whose it is, their package.json tells. */
function isPackageOf(gates: readonly Gate[], url: string): boolean {
  try {
    const { name } = readManifest(url);
    return gates.some(({ entry }) => entry.module.package === name);
  } catch {
    return false;
  }
}

/** Of what a builder has put into a server; the gates of routers take any. */
const UNKNOWN_VERSION = 'built';

function announceFrom(gates: readonly Gate[], loaded: LoadResult, url: string): LoadResult {
  const { source } = loaded;
  if (source === undefined || source === null) return loaded;
  const bytes = typeof source === 'string' ? source : new Uint8Array(source as ArrayBuffer);
  let text: string | undefined;
  const isBuilt = isBuiltFile(url);
  // One file may hold the classes of several gates.
  for (const gate of gates) {
    const wanted = isBuilt
      ? findBuilt(bytes, gate)
      : gate.pattern.test(url)
        ? findWanted(bytes, gate)
        : undefined;
    if (wanted === undefined) continue;
    text ??= typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('utf8');
    const isModule = loaded.format === 'module';
    const announcer = { ...wanted, file: url, package: gate.entry.module.package, isModule };
    text = withAnnouncements(text, isBuilt ? { ...announcer, version: UNKNOWN_VERSION } : announcer);
  }
  return text === undefined ? loaded : { ...loaded, source: text };
}

function installAnnouncer(): void {
  if (Object.hasOwn(globalThis, ANNOUNCE)) return;
  const value: Announce = (...loaded) => {
    for (const announce of announcers) {
      try {
        announce(...loaded);
      } catch (error) {
        reportFailure('patching a loaded SDK', error);
      }
    }
  };
  Object.defineProperty(globalThis, ANNOUNCE, { value, configurable: true, enumerable: false });
}

/** CommonJS modules that ran before us are still in the cache; ES modules cannot be found any more. */
function announceLoaded(file: string, gates: readonly Gate[], announce: Announce): void {
  const exported = require.cache[file]?.exports as Record<string, unknown> | undefined;
  for (const { pattern, entry, classNames } of gates) {
    if (!pattern.test(file)) continue;
    for (const className of classNames)
      announce(file, entry.module.package, { value: exported?.[className], className });
  }
}

/** The package's version when its gate takes it; a miss is told to the operator, never silent. */
function acceptedVersion({ entry }: Gate, file: string, found: Found): string | undefined {
  const { package: name } = entry.module;
  const manifest = found.version === undefined ? readManifest(file) : { name, version: found.version };
  if (manifest.name !== name) return undefined;
  const refusal = refuseVersion(entry.module, manifest.version);
  if (refusal === undefined) return manifest.version;
  refuse({ package: name, version: manifest.version, file, refusal, losesCalls: losesCalls(entry) });
  return undefined;
}

function refuse({ package: name, version, file, refusal, losesCalls }: RefusedSdk): void {
  if (CHANNEL.SDK.hasSubscribers) CHANNEL.SDK.publish({ package: name, version, file, isRecorded: false });
  const loss = losesCalls
    ? 'Its calls and their cost are missing from every sum.'
    : 'Its agents, workflows and tools have no spans; the calls of models that it makes are counted.';
  warnOperator(
    'COSTSPAN_SDK_VERSION',
    `costspan does not record ${name} ${version}: ${refusal}. ${loss} ` +
      'Fix: use a version in that range, or a costspan that knows this one.',
  );
}
