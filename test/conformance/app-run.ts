/** Runs the application of one SDK in a process of its own, with or without costspan, against fresh stand-ins. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type BilledReply,
  type ProviderRequest,
  run,
  type Script,
  type SinkSpan,
  startOtlpSink,
  startProviderServer,
} from '@costspan/testkit';
import { ONE_POST } from '../preload/preload.ts';
import { NAMELESS, OPERATIONS } from './expected.ts';
import type { Format, Sdk } from './matrix.ts';
import { createScript, MODELS } from './replies.ts';

const { resolve } = createRequire(import.meta.url);
/** The flag's argument, as an application's owner would resolve it. */
export const PRELOAD: string = resolve('@costspan/instrumentation/register');
const APP = fileURLToPath(new URL('./app/', import.meta.url));

export interface AppRunOptions {
  readonly sdk: Sdk;
  readonly format: Format;
  readonly hasPreload: boolean;
  /** Another Node than this one. */
  readonly node?: string;
  /** Scenario names; all of the family where absent. */
  readonly only?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Further preloads before and after ours. */
  readonly before?: readonly string[];
  readonly after?: readonly string[];
  /** What the stand-in answers, where it is not the script of the scenarios. */
  readonly script?: Script;
  readonly sinkMode?: 'ok' | 'unavailable' | 'hang' | 'reset';
}

/** What one run of an application came to. */
export interface AppRun {
  /** Scenario name → what the application saw of it, as it printed it. */
  readonly transcript: ReadonlyMap<string, string>;
  readonly stderr: string;
  readonly exitCode: number | undefined;
  /** From the last answer to the end of the process. */
  readonly endMs: number;
  readonly spans: readonly SinkSpan[];
  readonly log: readonly BilledReply[];
  readonly requests: readonly ProviderRequest[];
}

/** Runs the scenarios of one SDK. */
export function runApp(options: AppRunOptions): Promise<AppRun> {
  const { sdk, format } = options;
  const entry = `entry.${format === 'cjs' ? 'cjs' : 'mjs'}`;
  return runProgram(entry, [sdk.alias, sdk.family], { ...options, env: { ...options.env, ...ALIASES } });
}

/**
 * Scenarios are told apart by the model that they ask for. Where an answer does not say which model gave it, the
 * configuration does, as an application's owner would with the names of his deployments.
 */
const ALIASES = { COSTSPAN_CONFIG: writeAliases() };

function writeAliases(): string {
  const families = ['openai', 'anthropic'].map(
    (family) =>
      createRequire(import.meta.url)(`./app/${family}.cjs`) as {
        groups: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
      },
  );
  const groups = families.flatMap((family) => Object.entries(family.groups));
  const names = groups.flatMap(([endpoint, scenarios]) =>
    NAMELESS.has(OPERATIONS[endpoint] ?? '') || endpoint.endsWith('batches')
      ? Object.keys(scenarios).map((scenario) => [`${endpoint}/${scenario}`, MODELS[endpoint]])
      : [],
  );
  const file = join(mkdtempSync(join(tmpdir(), 'conformance-')), 'costspan.yaml');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ prices: { models: Object.fromEntries(names) } }));
  return file;
}

export type ProgramOptions = Omit<AppRunOptions, 'sdk' | 'format'>;

/** Runs one program of the `app` folder. */
export async function runProgram(
  file: string,
  programArguments: readonly string[],
  options: ProgramOptions,
): Promise<AppRun> {
  const provider = await startProviderServer({ script: options.script ?? createScript() });
  const sink = await startOtlpSink();
  sink.setMode(options.sinkMode ?? 'ok');
  try {
    const nodeArguments = [...readFlags(options), APP + file, ...programArguments];
    const { stdout, stderr, exitCode } = await run(options.node ?? process.execPath, nodeArguments, {
      cwd: APP,
      env: readEnvironment(options, { origin: provider.origin, sink: sink.endpoint }),
    });
    const endMs = performance.now() - provider.idleSinceMs;
    await provider.waitUntilIdle();
    const { log, requests } = provider;
    const transcript = readTranscript(stdout);
    return {
      transcript,
      stderr: settle(stderr),
      exitCode,
      endMs,
      spans: dropRepeated(sink.spans),
      log,
      requests,
    };
  } finally {
    await Promise.all([provider.close(), sink.close()]);
  }
}

/**
 * A batch that is under way when the process ends is posted once more then, because nobody can tell any longer whether
 * it arrived: the same span under the same id, which every receiver counts once.
 */
const dropRepeated = (spans: readonly SinkSpan[]): SinkSpan[] => [
  ...new Map(spans.map((span) => [span.spanId, span])).values(),
];

function readFlags({ hasPreload, before = [], after = [] }: ProgramOptions): string[] {
  const preloads = [...before, ...(hasPreload ? [PRELOAD] : []), ...after];
  return preloads.flatMap((file) => ['--require', file]);
}

function readEnvironment(
  { only, env, sinkMode }: ProgramOptions,
  { origin, sink }: { origin: string; sink: string },
): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    CONFORMANCE_ORIGIN: origin,
    CONFORMANCE_ONLY: only?.join(','),
    OTEL_EXPORTER_OTLP_ENDPOINT: sink,
    OTEL_SERVICE_NAME: 'conformance',
    OTEL_BSP_SCHEDULE_DELAY: '100',
    // A sink that answers is waited for, however slow this machine is.
    ...(sinkMode === undefined ? { COSTSPAN_EXIT_WAIT_MS: ONE_POST.COSTSPAN_EXIT_WAIT_MS } : {}),
    ...env,
  };
}

function readTranscript(stdout: string): Map<string, string> {
  // Some SDKs print lines of their own.
  const lines = stdout.split('\n').filter((line) => line.startsWith('{"scenario":'));
  return new Map(lines.map((line) => [(JSON.parse(line) as { scenario: string }).scenario, line]));
}

/** Without what no two runs have in common: process ids, and that an early SDK's random wait was below nothing. */
const settle = (text: string): string =>
  text
    .replace(/\(node:\d+\)/g, '(node:PID)')
    .replace(
      /\(node:PID\) TimeoutNegativeWarning: .*\nTimeout duration was set to 1\.\n(?:\(Use `node .*\n)?/g,
      '',
    );
