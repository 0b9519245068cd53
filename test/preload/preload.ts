/** Runs small applications under the built preload, on each supported Node, against stand-in providers and a sink. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type OtlpSink,
  PATIENCE_MS,
  type ProviderServer,
  type RunningProcess,
  type RunResult,
  type SinkSpan,
  startOtlpSink,
  startProcess,
  startProviderServer,
  TEST_LIMIT_MS,
} from '@costspan/testkit';

const require = createRequire(import.meta.url);
const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, '..', 'node_modules');

/** What `--require` gets: the door of the published package, built. */
export const REGISTER = '@costspan/instrumentation/register';
/** For applications outside the workspace; fails early where the build is missing. */
export const REGISTER_PATH = require.resolve(REGISTER);

/** The oldest, the workspace's own and the newest supported Node. */
export const NODES = {
  '22.15': join(modules, 'node-22', 'bin', 'node'),
  '24': process.execPath,
  '26': join(modules, 'node-26', 'bin', 'node'),
} as const;
export type NodeName = keyof typeof NODES;
export const NODE_NAMES = Object.keys(NODES) as NodeName[];

export const fixture = (name: string): string => join(here, 'fixtures', name);

/** All goes out in one post at the end, which waits for its answer: what arrives does not hang on how fast the machine is. */
export const ONE_POST = {
  OTEL_BSP_SCHEDULE_DELAY: String(PATIENCE_MS),
  COSTSPAN_EXIT_WAIT_MS: String(PATIENCE_MS),
} as const;

/** How an application is started. */
export interface Launch {
  readonly node?: NodeName;
  /** Flags before the application; `--require` of the preload unless they say otherwise. */
  readonly flags?: readonly string[];
  readonly app: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly cwd?: string;
}

/** Operations of what frameworks do around the calls. */
const STEPS = new Set(['invoke_agent', 'invoke_workflow', 'execute_tool', 'retrieval']);

/** The world around the application. */
export class Stage {
  readonly provider: ProviderServer;
  readonly sink: OtlpSink;
  readonly #running = new Set<RunningProcess>();

  private constructor(provider: ProviderServer, sink: OtlpSink) {
    this.provider = provider;
    this.sink = sink;
  }

  static async start(): Promise<Stage> {
    return new Stage(await startProviderServer(), await startOtlpSink());
  }

  /** Starts an application; it is stopped with the stage. */
  launch({
    node = '24',
    flags = ['--require', REGISTER],
    app,
    env = {},
    stdin,
    cwd = here,
  }: Launch): RunningProcess {
    const running = startProcess(NODES[node], [...flags, ...app], {
      cwd,
      env: { ...this.environment(), ...env },
      timeoutMs: TEST_LIMIT_MS,
      ...(stdin === undefined ? {} : { stdin }),
    });
    this.#running.add(running);
    void running.ended.then(() => this.#running.delete(running));
    return running;
  }

  run(launch: Launch): Promise<RunResult> {
    return this.launch(launch).ended;
  }

  /** Nothing of the machine's own environment but the path: what is set here is all that costspan sees. */
  environment(): Record<string, string> {
    return {
      PATH: process.env.PATH ?? '',
      OPENAI_API_KEY: 'sk-test',
      OPENAI_BASE_URL: this.provider.openaiUrl,
      ANTHROPIC_API_KEY: 'sk-test',
      ANTHROPIC_BASE_URL: this.provider.origin,
      OTEL_EXPORTER_OTLP_ENDPOINT: this.sink.endpoint,
      ...ONE_POST,
    };
  }

  /** Spans of model calls that came to the sink; the agents, workflows and tools around them are none. */
  callSpans(): readonly SinkSpan[] {
    return this.sink.spans.filter(({ attributes: { 'gen_ai.operation.name': operation } }) => {
      return operation !== undefined && !STEPS.has(String(operation));
    });
  }

  taskSpans(): readonly SinkSpan[] {
    return this.sink.spans.filter(({ name }) => name.startsWith('task '));
  }

  clear(): void {
    this.sink.setMode('ok');
    this.sink.clear();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running].map((running) => running.stop({ signal: 'SIGKILL' })));
    await this.provider.close();
    await this.sink.close();
  }
}

/** How a process ended, as its parent sees it. */
export const endOf = ({ exitCode, signal, stdout, stderr, isTimedOut }: RunResult): RunResult => ({
  exitCode,
  signal,
  stdout,
  stderr,
  isTimedOut,
});

/** Names of spans, sorted. */
export const namesOf = (spans: readonly SinkSpan[]): string[] => spans.map(({ name }) => name).sort();

/** Ids that came more than once. */
export function repeatedIds(spans: readonly SinkSpan[]): string[] {
  const ids = spans.map(({ traceId, spanId }) => `${traceId}/${spanId}`);
  return ids.filter((id, index) => ids.indexOf(id) !== index);
}
