/** Functions of AWS Lambda on its own runtime client; what they answer is the same with the preload and without. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '@costspan/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NODE_NAMES, type NodeName, REGISTER_PATH, repeatedIds, Stage } from '../preload/preload.ts';
import * as events from './events.ts';
import { type Invoke, type Invoked, startRuntimeApi } from './runtime-api.ts';

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, '..', 'node_modules');
const fixtures = join(here, 'fixtures');

const OTEL = createRequire(import.meta.url).resolve('@opentelemetry/auto-instrumentations-node/register');
/** Of OpenTelemetry's own, with nothing that asks where it runs. */
const ONLY_TRACES = {
  OTEL_METRICS_EXPORTER: 'none',
  OTEL_LOGS_EXPORTER: 'none',
  OTEL_NODE_RESOURCE_DETECTORS: 'env',
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
};

let stage: Stage;
/** The folder that the runtime of Lambda lies in, of each version of its client. */
let runtimes: string;
beforeAll(async () => {
  stage = await Stage.start();
  runtimes = mkdtempSync(join(tmpdir(), 'costspan-lambda-'));
  const lay = (version: string, text: string): void => {
    const folder = join(runtimes, version, 'var', 'runtime');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'index.mjs'), text);
  };
  lay('4', readFileSync(join(modules, 'aws-lambda-ric', 'index.mjs'), 'utf8'));
  // Lambda starts what the package leaves to its command to start.
  const older = readFileSync(join(modules, 'aws-lambda-ric-3', 'dist', 'index.mjs'), 'utf8');
  lay(
    '3',
    older.replace(/export \{[^}]*\};/, 'await run(process.env.LAMBDA_TASK_ROOT, process.env._HANDLER);'),
  );
});
beforeEach(() => stage.clear());
afterAll(async () => {
  rmSync(runtimes, { recursive: true, force: true });
  await stage.close();
});

type RuntimeName = '3' | '4' | 'image 3' | 'image 4';

/** Where Lambda has it, and where an image of one's own has it. */
function readCommand(runtime: RuntimeName, handler: string): readonly string[] {
  if (runtime === 'image 3') return [join(modules, 'aws-lambda-ric-3', 'bin', 'index.mjs'), handler];
  if (runtime === 'image 4') return [join(modules, 'aws-lambda-ric', 'index.mjs'), handler];
  return [join(runtimes, runtime, 'var', 'runtime', 'index.mjs')];
}

interface LambdaLaunch {
  readonly handler: string;
  /** Lambda kills it then, in place of the time when it asks for an event that there is not. */
  readonly killWhen?: (invoked: readonly Invoked[]) => boolean;
  readonly invokes: readonly Invoke[];
  readonly runtime?: RuntimeName;
  readonly node?: NodeName;
  readonly env?: Readonly<Record<string, string>>;
  /** In front of the runtime; the preload unless they say otherwise. */
  readonly flags?: readonly string[];
}

interface LambdaRun {
  readonly invoked: readonly Invoked[];
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | undefined;
}

/** What Lambda writes of the time. */
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;

/** Runs a function until it has asked for an event that there is not: nothing of it runs from then on. */
async function invoke(launch: LambdaLaunch): Promise<LambdaRun> {
  const {
    handler,
    invokes,
    runtime = '4',
    node = '24',
    env = {},
    flags = ['--require', REGISTER_PATH],
  } = launch;
  let isOver = false;
  const freeze = (): void => {
    isOver = true;
    running.child.kill('SIGKILL');
  };
  const api = await startRuntimeApi({
    invokes,
    onNext: (asked) => {
      if (asked > invokes.length && launch.killWhen === undefined) freeze();
    },
  });
  const running = stage.launch({
    node,
    flags: ['--require', join(fixtures, 'native-client.cjs'), ...flags],
    app: readCommand(runtime, handler),
    cwd: fixtures,
    env: {
      AWS_LAMBDA_RUNTIME_API: api.address,
      AWS_LAMBDA_FUNCTION_NAME: 'answer',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
      AWS_LAMBDA_LOG_GROUP_NAME: 'group',
      AWS_LAMBDA_LOG_STREAM_NAME: 'stream',
      LAMBDA_TASK_ROOT: fixtures,
      _HANDLER: handler,
      ...env,
    },
  });
  const ended = running.ended.finally(() => {
    isOver = true;
  });
  await until(() => isOver || launch.killWhen?.(api.invoked) === true);
  if (!isOver) freeze();
  const { stdout, stderr, exitCode } = await ended;
  await api.close();
  const withoutTime = (text: string): string => text.replace(TIME, 'TIME');
  return {
    invoked: api.invoked,
    stdout: withoutTime(stdout).replaceAll(runtimes, 'RUNTIMES'),
    stderr: withoutTime(stderr),
    exitCode,
  };
}

/** With the preload and without it; the same. */
async function compare(launch: LambdaLaunch): Promise<LambdaRun> {
  const without = await invoke({ ...launch, flags: [] });
  expect(stage.sink.spans).toEqual([]);
  const result = await invoke(launch);
  expect(result).toEqual(without);
  expect(repeatedIds(stage.sink.spans)).toEqual([]);
  return result;
}

const of = (...all: readonly unknown[]): readonly Invoke[] =>
  all.map((event, index) => ({ id: `r-${index + 1}`, event }));

/** `feature: task: outcome source` of each task, in the order of their ends, and how many calls it has. */
function readTasks(): string[] {
  const spans = [...stage.taskSpans()].sort((a, b) => a.endMs - b.endMs);
  return spans.map(({ attributes }) => {
    const id = attributes['costspan.task.id'];
    const calls = stage.callSpans().filter((call) => call.attributes['costspan.task.id'] === id);
    const outcome = attributes['costspan.task.outcome'] ?? 'open';
    const source = attributes['costspan.task.outcome.source'] ?? 'nobody';
    return `${attributes['costspan.feature']}: ${attributes['costspan.task.name']}: ${outcome} ${source}, ${calls.length}`;
  });
}

const STATUS = (statusCode: number) => ({ returns: { statusCode, body: '' } });

describe('an invocation is a task', () => {
  it('by its event and by what it returns', async () => {
    const { invoked } = await compare({
      handler: 'answers.handler',
      invokes: of(
        events.httpEvent(STATUS(201)),
        events.httpEvent(STATUS(503)),
        events.httpEvent({ returns: 'text' }, '$default', '/tickets/4711'),
        events.httpEvent({ throws: 'broken' }),
        events.restEvent(STATUS(404)),
        events.restEvent({ returns: 'no answer' }, '/{proxy+}'),
        events.balancerEvent(STATUS(200)),
        events.directEvent({}),
        events.directEvent({ throws: 'broken' }),
        events.directEvent({ isSilent: true }),
      ),
    });
    expect(invoked.map(({ kind }) => kind).filter((kind) => kind === 'error').length).toBe(2);
    expect(readTasks()).toEqual([
      '/tickets/{id}: POST /tickets/{id}: success http, 1',
      '/tickets/{id}: POST /tickets/{id}: failure http, 1',
      'answer: POST /tickets/:id: success http, 1',
      '/tickets/{id}: POST /tickets/{id}: failure exception, 1',
      '/tickets/{id}: GET /tickets/{id}: failure http, 1',
      'answer: GET /tickets/:id: failure http, 1',
      'answer: GET /tickets/:id: success http, 1',
      'answer: answer: success job, 1',
      'answer: answer: failure exception, 1',
    ]);
    expect(stage.callSpans().length).toBe(9);
  });

  it('by the queue, the topic, the stream, the bus, the schedule', async () => {
    const rejected = { returns: { batchItemFailures: [{ itemIdentifier: 'm-1' }] } };
    await compare({
      handler: 'answers.handler',
      invokes: of(
        events.sqsEvent({}),
        events.sqsEvent(rejected, ['m-1', 'm-2']),
        events.sqsEvent({ returns: { batchItemFailures: [] } }, ['m-1', 'm-2']),
        events.snsEvent({}),
        events.kinesisEvent({ throws: 'broken' }),
        events.kafkaEvent({}),
        events.busEvent({}),
        events.scheduleEvent({}),
        events.socketEvent({ returns: { statusCode: 500 } }),
      ),
    });
    expect(readTasks()).toEqual([
      'orders: process orders: success job, 1',
      'orders: process orders: failure exception, 1',
      'orders: process orders: success job, 1',
      'news: process news: success job, 1',
      'clicks: process clicks: failure exception, 1',
      'payments: process payments: success job, 1',
      'OrderPlaced: process OrderPlaced: success job, 1',
      'nightly: nightly: success job, 1',
      'ask: ask: failure exception, 1',
    ]);
  });

  it('one task, where a message comes again', async () => {
    await compare({
      handler: 'answers.handler',
      invokes: of(events.sqsEvent({ throws: 'broken' }), events.sqsEvent({})),
    });
    const ids = stage.taskSpans().map(({ attributes }) => attributes['costspan.task.id']);
    expect(ids.length).toBe(2);
    expect(new Set(ids).size).toBe(1);
    expect(readTasks()[1]).toBe('orders: process orders: success job, 2');
  });
});

describe.each(['3', '4', 'image 3', 'image 4'] as const)('runtime client %s', (runtime) => {
  const isOlder = runtime.endsWith('3');

  it.each(['answers.handler', 'answers-esm.handler'])('%s', async (handler) => {
    await compare({
      runtime,
      handler,
      invokes: of(events.httpEvent(STATUS(200)), events.directEvent({ throws: 'broken' })),
    });
    expect(readTasks()).toEqual([
      '/tickets/{id}: POST /tickets/{id}: success http, 1',
      'answer: answer: failure exception, 1',
    ]);
  });

  it('streams', async () => {
    const { invoked } = await compare({
      runtime,
      handler: 'answers.streaming',
      invokes: of(
        events.httpEvent({ statusCode: 200 }),
        events.httpEvent({ statusCode: 500 }),
        events.httpEvent({}, '$default'),
        events.httpEvent({ throws: 'cut' }),
      ),
    });
    expect(invoked.map(({ errorType }) => errorType)).toEqual([
      undefined,
      undefined,
      undefined,
      'RangeError',
    ]);
    expect(readTasks()).toEqual([
      '/tickets/{id}: POST /tickets/{id}: success http, 1',
      '/tickets/{id}: POST /tickets/{id}: failure http, 1',
      'answer: POST /tickets/:id: success http, 1',
      '/tickets/{id}: POST /tickets/{id}: failure exception, 1',
    ]);
  });

  it('shows the stack that it has without us', async () => {
    const { invoked } = await compare({
      runtime,
      handler: 'answers.throwing',
      invokes: of(events.directEvent({})),
    });
    expect(invoked[0]?.body).toContain('at once');
  });

  it.skipIf(!isOlder)(
    `takes what calls back${isOlder ? '' : ' (skipped: this runtime takes no callbacks)'}`,
    async () => {
      await compare({
        runtime,
        handler: 'answers.calling',
        invokes: of(
          events.httpEvent(STATUS(200)),
          events.httpEvent({ throws: 'broken' }),
          events.httpEvent({ ...STATUS(200), isHasty: true }),
        ),
      });
      expect(readTasks()).toEqual([
        '/tickets/{id}: POST /tickets/{id}: success http, 1',
        '/tickets/{id}: POST /tickets/{id}: failure exception, 1',
        '/tickets/{id}: POST /tickets/{id}: success http, 1',
      ]);
    },
  );

  it.each([{ isRejected: true }, {}])('crashes as it does without us: %j', async (event) => {
    const { exitCode } = await compare({ runtime, handler: 'answers.crashing', invokes: of(event) });
    expect(exitCode).not.toBe(0);
    expect(readTasks()).toEqual(['answer: answer: failure exception, 1']);
  });
});

it('tells of an invocation that runs out of time before it is killed', async () => {
  const [first] = of(events.httpEvent({ sleepMs: 600_000 }));
  await invoke({
    handler: 'answers.handler',
    invokes: [{ ...first!, timeoutMs: 4_000 }],
    killWhen: () => stage.taskSpans().length > 0,
  });
  expect(readTasks()).toEqual(['/tickets/{id}: POST /tickets/{id}: failure exception, 1']);
  expect(stage.taskSpans()[0]?.attributes['error.type']).toBe('timeout');
});

it('waits for a receiver that does not answer no longer than it must', async () => {
  stage.sink.setMode('hang');
  const { invoked } = await invoke({ handler: 'answers.handler', invokes: of({}, {}, {}) });
  expect(invoked.length).toBe(3);
});

it('keeps several invocations at once apart', async () => {
  await invoke({
    handler: 'answers.handler',
    invokes: of(events.sqsEvent({ sleepMs: 300 }), events.httpEvent({ throws: 'broken', sleepMs: 100 }), {}),
    env: {
      AWS_LAMBDA_MAX_CONCURRENCY: '8',
      AWS_LAMBDA_NODEJS_WORKER_COUNT: '1',
      OTEL_BSP_SCHEDULE_DELAY: '50',
    },
    killWhen: () => stage.taskSpans().length === 3,
  });
  expect(readTasks().sort()).toEqual([
    '/tickets/{id}: POST /tickets/{id}: failure exception, 1',
    'answer: answer: success job, 1',
    'orders: process orders: success job, 1',
  ]);
});

it('with the instrumentation of OpenTelemetry, is one task still, inside of its span', async () => {
  const { stderr } = await invoke({
    runtime: '3',
    handler: 'answers.handler',
    invokes: of(events.httpEvent(STATUS(200)), events.sqsEvent({})),
    flags: ['--require', OTEL, '--require', REGISTER_PATH],
    env: { ...ONLY_TRACES, OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'aws-lambda' },
  });
  expect(stderr).toBe('');
  expect(readTasks()).toEqual([
    '/tickets/{id}: POST /tickets/{id}: success http, 1',
    'orders: process orders: success job, 1',
  ]);
  const server = stage.sink.spans.filter(({ name }) => name === 'answer').map(({ spanId }) => spanId);
  expect(stage.taskSpans().map(({ parentSpanId }) => parentSpanId)).toEqual(server);
  const tasks = stage.taskSpans().map(({ spanId }) => spanId);
  expect(stage.callSpans().map(({ parentSpanId }) => parentSpanId)).toEqual(tasks);
});

it('takes the route of a router inside of the function', async () => {
  await compare({
    handler: 'answers-hono.handler',
    invokes: of(events.httpEvent({}, '$default', '/users/ada')),
  });
  expect(readTasks()).toEqual(['/users/:name: POST /users/:name: success http, 1']);
});

it.each(NODE_NAMES)('on Node %s', async (node) => {
  for (const runtime of ['3', '4'] as const) {
    stage.clear();
    await compare({ node, runtime, handler: 'answers.handler', invokes: of(events.httpEvent(STATUS(200))) });
    expect(readTasks()).toEqual(['/tickets/{id}: POST /tickets/{id}: success http, 1']);
  }
});
