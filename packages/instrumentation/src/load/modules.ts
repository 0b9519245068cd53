import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reportFailure, warnOperator } from '../diagnostics.js';
import type { ModuleGate, ProviderEntry } from '../provider.js';
import { hookFiles, type LoadResult, withoutQuery } from './hooks.js';
import { compareVersions } from './version-order.js';

/** A class of an SDK that the application loaded. */
export interface LoadedClass {
  readonly entry: ProviderEntry;
  /** As the gate names it. */
  readonly className: string;
  readonly loadedClass: unknown;
  readonly version: string;
}

interface Gate {
  readonly pattern: RegExp;
  readonly entry: ProviderEntry;
  readonly classNames: readonly string[];
}

/** Global name under which a loaded SDK file announces its class; one per process, so that copies of us share it. */
const ANNOUNCE = Symbol.for('costspan.loaded.1');
type Announce = (file: string, packageName: string, found: Found) => void;
interface Found {
  readonly value: unknown;
  readonly className?: string;
}
const announcers: Announce[] = [];

/**
 * Watches for the SDKs of `entries`, in `require` and `import` alike, main thread and workers, and tells each of their
 * classes when its module has run. An SDK file gets one line more at its end that announces its classes; every other
 * file passes untouched. Returns the end of the watch.
 */
export function watchModules(
  entries: readonly ProviderEntry[],
  onLoaded: (found: LoadedClass) => void,
): () => void {
  const gates = entries.map((entry) => ({
    entry,
    pattern: filePattern(entry.module),
    classNames: [entry.module.exportName].flat(),
  }));
  const announce: Announce = (file, packageName, { value, className }) => {
    const gate = gates.find(
      ({ entry, classNames }) =>
        entry.module.package === packageName && (className === undefined || classNames.includes(className)),
    );
    if (gate === undefined || typeof value !== 'function') return;
    const version = acceptedVersion(gate, file);
    if (version === undefined) return;
    onLoaded({ entry: gate.entry, className: className ?? gate.classNames[0]!, loadedClass: value, version });
  };
  if (typeof registerHooks !== 'function') {
    warnOperator(
      'COSTSPAN_NODE_VERSION',
      `costspan records nothing on Node ${process.versions.node}. Fix: use Node 22.15 or newer.`,
    );
    return () => undefined;
  }
  announcers.push(announce);
  installAnnouncer();
  const unhook = hookFiles({
    isWanted: (url) => gates.some(({ pattern }) => pattern.test(url)) && isPackageOf(gates, url),
    change: (loaded, url) => {
      for (const gate of gates) {
        const classNames = gate.pattern.test(url) ? findClasses(loaded, gate) : [];
        if (classNames.length > 0) return withAnnouncement(loaded, { gate, classNames, url });
      }
      return loaded;
    },
  });
  announceLoaded(gates, announce);
  return () => {
    unhook();
    announcers.splice(announcers.indexOf(announce), 1);
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

/**
 * Matches both a path and a URL, with whatever query another loader hook has put behind it. The folder may have any
 * name (`npm install fast-openai@npm:openai`): whose package it is, its package.json tells.
 */
function filePattern({ files }: ModuleGate): RegExp {
  const filePaths = files.map((file) => file.split('/').join('[\\\\/]')).join('|');
  return new RegExp(
    `[\\\\/]node_modules[\\\\/](?:@[^\\\\/]+[\\\\/])?[^\\\\/]+[\\\\/](?:${filePaths})\\.[cm]?js(?:$|[?#])`,
  );
}

/** Most files of such a name are no SDK's: a look at their bytes tells, without decoding them. */
function findClasses({ source }: LoadResult, { classNames }: Gate): string[] {
  if (source === undefined || source === null) return [];
  const text = typeof source === 'string' ? source : Buffer.from(source as Uint8Array);
  return classNames.filter((name) => text.includes(`class ${name} `));
}

function withAnnouncement(
  loaded: LoadResult,
  { gate, classNames, url }: { gate: Gate; classNames: readonly string[]; url: string },
): LoadResult {
  const { source } = loaded;
  const text = typeof source === 'string' ? source : Buffer.from(source as Uint8Array).toString('utf8');
  const place = `${JSON.stringify(url)}, ${JSON.stringify(gate.entry.module.package)}`;
  const announcements = classNames.map((className) => {
    const binding = findBinding(text, className);
    // Both formats: the class is a binding of the module.
    const found = `{ value: typeof ${binding} === 'undefined' ? undefined : ${binding}, className: '${className}' }`;
    return `globalThis[Symbol.for('costspan.loaded.1')]?.(${place}, ${found});`;
  });
  return { ...loaded, source: `${text}\n;${announcements.join(' ')}` };
}

/** A bundler that has two classes of one name binds one of them to another: `let Ollama$1 = class Ollama {`. */
function findBinding(text: string, className: string): string {
  return new RegExp(`(?:let|const|var) ([\\w$]+) = class ${className} `).exec(text)?.[1] ?? className;
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
function announceLoaded(gates: readonly Gate[], announce: Announce): void {
  for (const [file, module] of Object.entries(require.cache)) {
    for (const { pattern, entry, classNames } of gates) {
      if (module === undefined || !pattern.test(file)) continue;
      const exported = module.exports as Record<string, unknown> | undefined;
      for (const className of classNames)
        announce(file, entry.module.package, { value: exported?.[className], className });
    }
  }
}

/** The package's version when its gate takes it; a miss is told to the operator, never silent. */
function acceptedVersion({ entry }: Gate, file: string): string | undefined {
  const { package: name, versions } = entry.module;
  const { name: foundName, version } = readManifest(file);
  if (foundName !== name) return undefined;
  if (compareVersions(version, versions.from) >= 0 && compareVersions(version, versions.below) < 0)
    return version;
  warnOperator(
    'COSTSPAN_SDK_VERSION',
    `costspan does not record ${name} ${version}: it knows ${versions.from} up to, but not including, ${versions.below}. ` +
      'Its calls and their cost are missing from every sum. Fix: use a version in that range, or a costspan that knows this one.',
  );
  return undefined;
}

/** The package.json above a file below `node_modules`, given as a path or a URL. @throws where there is none. */
function readManifest(file: string): { readonly name?: string; readonly version: string } {
  const path = file.startsWith('file:') ? fileURLToPath(withoutQuery(file)) : file;
  const root = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(path)?.[0] ?? dirname(path);
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { name?: string; version: string };
}
