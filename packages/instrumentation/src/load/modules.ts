import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reportFailure, warnOperator } from '../diagnostics.js';
import type { Provider } from '../provider.js';
import { hookFiles, type LoadResult, withoutQuery } from './hooks.js';
import { compareVersions } from './version-order.js';

/** A module that the application loaded and that defines an SDK's client class. */
export interface LoadedClient {
  readonly provider: Provider;
  readonly clientClass: unknown;
  readonly version: string;
}

interface Gate {
  readonly pattern: RegExp;
  readonly provider: Provider;
}

/** Global name under which a loaded SDK file announces its class; one per process, so that copies of us share it. */
const ANNOUNCE = Symbol.for('costspan.loaded.1');
type Announce = (file: string, packageName: string, found: { readonly value: unknown }) => void;
const announcers: Announce[] = [];

/**
 * Watches for the SDKs of `providers`, in `require` and `import` alike, main thread and workers, and tells each
 * client class when its module has run. An SDK file gets one line more at its end that announces the class; every
 * other file passes untouched. Returns the end of the watch.
 */
export function watchModules(
  providers: readonly Provider[],
  onLoaded: (client: LoadedClient) => void,
): () => void {
  const gates = providers.map((provider) => ({ provider, pattern: filePattern(provider) }));
  const announce: Announce = (file, packageName, { value }) => {
    const gate = gates.find(({ provider }) => provider.module.package === packageName);
    if (gate === undefined || typeof value !== 'function') return;
    const version = acceptedVersion(gate, file);
    if (version !== undefined) onLoaded({ provider: gate.provider, clientClass: value, version });
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
      const gate = gates.find(({ pattern, provider }) => pattern.test(url) && definesClass(loaded, provider));
      return gate === undefined ? loaded : withAnnouncement(loaded, gate, url);
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
    return gates.some(({ provider }) => provider.module.package === name);
  } catch {
    return false;
  }
}

/**
 * Matches both a path and a URL, with whatever query another loader hook has put behind it. The folder may have any
 * name (`npm install fast-openai@npm:openai`): whose package it is, its package.json tells.
 */
function filePattern({ module: { files } }: Provider): RegExp {
  const filePaths = files.map((file) => file.split('/').join('[\\\\/]')).join('|');
  return new RegExp(
    `[\\\\/]node_modules[\\\\/](?:@[^\\\\/]+[\\\\/])?[^\\\\/]+[\\\\/](?:${filePaths})\\.[cm]?js(?:$|[?#])`,
  );
}

/** Most files of such a name are no SDK's: a look at their bytes tells, without decoding them. */
function definesClass({ source }: LoadResult, { module: { exportName } }: Provider): boolean {
  if (source === undefined || source === null) return false;
  const text = typeof source === 'string' ? source : Buffer.from(source as Uint8Array);
  return text.includes(`class ${exportName} `);
}

function withAnnouncement(loaded: LoadResult, { provider }: Gate, url: string): LoadResult {
  const { source } = loaded;
  const text = typeof source === 'string' ? source : Buffer.from(source as Uint8Array).toString('utf8');
  const { exportName, package: name } = provider.module;
  // Both formats: the class is a binding of the module.
  const value = `typeof ${exportName} === 'undefined' ? undefined : ${exportName}`;
  const place = `${JSON.stringify(url)}, ${JSON.stringify(name)}`;
  return {
    ...loaded,
    source: `${text}\n;globalThis[Symbol.for('costspan.loaded.1')]?.(${place}, { value: ${value} });`,
  };
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
    for (const { pattern, provider } of gates) {
      if (module === undefined || !pattern.test(file)) continue;
      const { exportName, package: name } = provider.module;
      announce(file, name, { value: (module.exports as Record<string, unknown> | undefined)?.[exportName] });
    }
  }
}

/** The package's version when its gate takes it; a miss is told to the operator, never silent. */
function acceptedVersion({ provider }: Gate, file: string): string | undefined {
  const { package: name, versions } = provider.module;
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
