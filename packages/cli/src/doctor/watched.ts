import { readFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SUPPORTED_SDKS, type SupportedSdk } from '@costspan/instrumentation/inspect';
import { ATTR } from '@costspan/semconv';
import { findExportFix } from './export-fix.js';
import type { Finding } from './finding.js';
import { readCopy } from './installed.js';
import type { ProbeEvent } from './probe-event.js';
import type { Watched } from './run.js';
import { describeCopy } from './sdk.js';
import { examineNode, examineSwitch, PRELOAD } from './static.js';

type Of<Name extends ProbeEvent['event']> = Extract<ProbeEvent, { event: Name }>;

/** A file of the application larger than this is no bundle that anybody ships. */
const MAX_BUNDLE_BYTES = 64 * 1024 * 1024;

/** Where the application ran. */
interface Surroundings {
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What was seen of an application that ran under the doctor. */
export function examineWatched({ events, ending }: Watched, { folder, env }: Surroundings): Finding[] {
  const of = <Name extends ProbeEvent['event']>(name: Name): Of<Name>[] =>
    events.filter((event): event is Of<Name> => event.event === name);
  const started = of('process');
  if (started.length === 0)
    return [
      {
        subject: 'node',
        state: 'problem',
        text: 'the command started no Node process that reads NODE_OPTIONS',
        fix: 'name the command that starts the application: costspan doctor -- node app.js',
      },
    ];
  const files = of('file');
  const sdks = uniqueCopies(of('sdk'));
  const hasRun = of('preload').length > 0;
  const call = of('span').find(({ attributes }) => ATTR.OPERATION_NAME in attributes);
  return [
    ...[...new Set(started.map(({ node }) => node))].map(examineNode),
    hasRun ? examineOrder(files, folder) : (examineSwitch(env) ?? NOT_STARTED),
    ...sdks.map((sdk) => examineSdk(sdk, folder)),
    ...examineUnseen(files, sdks, { hasRun, folder }),
    ...examineExports(of('export')),
    examineCall(call, ending),
  ];
}

/** An SDK of several classes and files is told once for each of them. */
function uniqueCopies(sdks: readonly Of<'sdk'>[]): Of<'sdk'>[] {
  const rootOf = (file: string): string => PACKAGE_FOLDER.exec(file)?.[0] ?? file;
  return [...new Map(sdks.map((sdk) => [`${sdk.package} ${rootOf(sdk.file)}`, sdk])).values()];
}
const PACKAGE_FOLDER = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/;

const NOT_STARTED: Finding = {
  subject: 'preload',
  state: 'problem',
  text: 'costspan did not start in this application',
  fix: `start it with node --require ${PRELOAD} app.js`,
};

/** Whether the preload ran before the first file of an SDK. */
function examineOrder(files: readonly Of<'file'>[], folder: string): Finding {
  const early = files.find(({ url, hasPreload }) => !hasPreload && findSdkOf(url) !== undefined);
  if (early === undefined) return { subject: 'preload', state: 'ok', text: 'ran before every LLM SDK' };
  const file = relative(folder, fileURLToPath(early.url));
  if (early.isThread)
    return {
      subject: 'preload',
      state: 'problem',
      text: `did not run in the worker thread that loaded ${file}`,
      fix: `name ${PRELOAD} in NODE_OPTIONS, and keep that in an env of the Worker: its execArgv takes the place of flags`,
    };
  return {
    subject: 'preload',
    state: 'problem',
    text: `ran after ${file} was loaded`,
    fix: `name ${PRELOAD} before every other --require and --import`,
  };
}

function examineSdk({ package: name, version, file, isRecorded }: Of<'sdk'>, folder: string): Finding {
  const place = `${name} ${version} in ${relative(folder, file.startsWith('file:') ? fileURLToPath(file) : file)}`;
  const refusal = isRecorded ? undefined : 'this costspan does not know the version';
  const fix = 'use a version that the README names, or a costspan that knows this one';
  return describeCopy({ package: name, place, refusal, fix }, 'recorded');
}

/** SDKs that were loaded or bundled without costspan seeing their client. */
function examineUnseen(
  files: readonly Of<'file'>[],
  sdks: readonly Of<'sdk'>[],
  { hasRun, folder }: { readonly hasRun: boolean; readonly folder: string },
): Finding[] {
  const seen = new Set(sdks.map(({ package: name }) => name));
  const unseen = new Map<string, Finding>();
  for (const { url } of files) {
    const loaded = findSdkOf(url);
    const bundled = loaded === undefined ? findBundled(url) : [];
    for (const { package: name } of loaded === undefined ? bundled : [loaded]) {
      if (seen.has(name) || unseen.has(name)) continue;
      const file = relative(folder, fileURLToPath(url));
      unseen.set(
        name,
        loaded === undefined ? describeBundled(name, file, hasRun) : describeUnseen(name, file),
      );
    }
  }
  return [...unseen.values()];
}

const describeUnseen = (name: string, file: string): Finding => ({
  subject: 'sdk',
  state: 'problem',
  text: `${name} was loaded from ${file}: NOT recorded`,
  fix: 'let costspan start first, in the thread that loads it',
});

/** Its requests tell of its calls all the same, where costspan runs. */
const describeBundled = (name: string, file: string, hasRun: boolean): Finding => ({
  subject: 'sdk',
  state: 'problem',
  text:
    `${name} is bundled into ${file}: NOT recorded` +
    (hasRun ? '; its calls count by what they send, many streams without a price' : ''),
  fix: `keep ${name} out of the bundle (external), or bundle with the plugin of @costspan/instrumentation/esbuild`,
});

/** The SDK whose package the file belongs to. */
function findSdkOf(url: string): SupportedSdk | undefined {
  const root = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(url)?.[0];
  if (root === undefined) return undefined;
  const name = readCopy(fileURLToPath(root))?.package;
  return SUPPORTED_SDKS.find((sdk) => sdk.package === name);
}

/** SDKs that are bundled into a file of the application: each has texts that no minifier changes. */
function findBundled(url: string): SupportedSdk[] {
  const path = fileURLToPath(url);
  if (path.includes('node_modules') || isOurs(path)) return [];
  try {
    const bytes = readFileSync(path);
    if (bytes.length > MAX_BUNDLE_BYTES) return [];
    return SUPPORTED_SDKS.filter(({ signature }) => signature?.every((text) => bytes.includes(text)));
  } catch {
    return [];
  }
}

/** A file of costspan itself, in a checkout: it names every SDK. */
function isOurs(path: string): boolean {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    const copy = readCopy(folder);
    if (copy !== undefined) return copy.package.startsWith('@costspan/');
  }
  return false;
}

function examineExports(exports: readonly Of<'export'>[]): Finding[] {
  const last = new Map(exports.map((event) => [event.to, event]));
  return [...last.values()].map(
    ({ to, error }): Finding =>
      error === undefined
        ? { subject: 'exporter', state: 'ok', text: `${to} took the spans` }
        : {
            subject: 'exporter',
            state: 'problem',
            text: `${to}: ${error}`,
            fix: findExportFix(error),
          },
  );
}

function examineCall(span: Of<'span'> | undefined, ending: string | undefined): Finding {
  if (span === undefined) return describeNoCall(ending);
  const { name, attributes } = span;
  const cost = attributes[ATTR.USAGE_COST_AMOUNT];
  const text = `${name}${cost === undefined ? '' : `, ${String(cost)} USD`}`;
  return { subject: 'call', state: 'ok', text, attributes };
}

/** Nobody waits longer for an application that has ended. */
function describeNoCall(ending: string | undefined): Finding {
  const none = { subject: 'call', state: 'problem' } as const;
  const text = 'no call of an LLM was seen';
  if (ending === undefined)
    return {
      ...none,
      text,
      fix: 'let the application make one while the doctor looks on; --for SECONDS gives it longer',
    };
  return {
    ...none,
    text: `${text}: the application ended${ending === '' ? '' : ` ${ending}`}`,
    fix: ending === '' ? 'let it ask an LLM before it ends' : 'mend what it says above, then look again',
  };
}
