import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findFreePort, type JsonObject, type ProviderRequest, type SinkSpan } from '@costspan/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Launch, NODE_NAMES, repeatedIds, Stage } from '../preload/preload.ts';

const here = dirname(fileURLToPath(import.meta.url));

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
beforeEach(() => stage.clear());
afterAll(() => stage.close());

async function runApp(name: string, launch: Partial<Launch> = {}): Promise<string> {
  const result = await stage.run({
    app: [join(here, 'fixtures', name)],
    cwd: here,
    ...launch,
    env: {
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_NODE_RESOURCE_DETECTORS: 'env',
      ...launch.env,
    },
  });
  expect({ exitCode: result.exitCode, stderr: result.stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(repeatedIds(stage.sink.spans)).toEqual([]);
  return result.stdout;
}

const pick = (attributes: JsonObject, names: readonly string[]): JsonObject =>
  Object.fromEntries(names.flatMap((name) => (name in attributes ? [[name, attributes[name]]] : [])));

/** Each call by its label, with what it is booked under. */
const readCalls = (): Record<string, JsonObject> =>
  Object.fromEntries(
    stage
      .callSpans()
      .filter(({ attributes }) => 'session.id' in attributes)
      .map(({ attributes }) => [
        String(attributes['session.id']),
        pick(attributes, [
          'costspan.feature',
          'costspan.task.id',
          'costspan.task.name',
          'costspan.user.tier',
          'costspan.tenant',
          'user.id',
        ]),
      ]),
  );

const findTask = (id: string): SinkSpan | undefined =>
  stage.sink.spans.find(
    ({ name, attributes }) => name.startsWith('task ') && attributes['costspan.task.id'] === id,
  );
const readOutcome = (span: SinkSpan | undefined): unknown => span?.attributes['costspan.task.outcome'];
const readParentId = (span: SinkSpan | undefined): unknown => span?.attributes['costspan.task.parent.id'];

describe.each(NODE_NAMES)('in one process, Node %s', (node) => {
  let stdout: string;
  let calls: Record<string, JsonObject>;
  let spans: readonly SinkSpan[];
  beforeEach(async () => {
    stdout = await runApp('flow.mjs', { node });
    calls = readCalls();
    spans = [...stage.sink.spans];
  });

  it('a call belongs to the innermost task, wherever it runs; a judge’s to none', () => {
    const base = { 'costspan.feature': 'support', 'costspan.user.tier': 'pro' };
    const outer = { ...base, 'costspan.task.id': 'outer', 'costspan.task.name': 'resolve' };
    const attempt = (n: number) => ({
      ...base,
      'costspan.task.id': `attempt-${n}`,
      'costspan.task.name': 'attempt',
    });
    expect(calls).toEqual({
      await: outer,
      timer: outer,
      stream: outer,
      worker: outer,
      queue: outer,
      'attempt-1': attempt(1),
      'attempt-2': attempt(2),
      'attempt-3': attempt(3),
      judge: { ...base, 'costspan.feature': 'evaluation' },
      outside: { 'costspan.feature': 'unattributed' },
    });
    // await, timer, queue and three attempts; the stream is still open, the worker is a process of its own kind.
    expect(stdout).toBe('{"calls":6,"isPriced":true}\n');

    expect([1, 2, 3].map((n) => readParentId(findTask(`attempt-${n}`)))).toEqual(['outer', 'outer', 'outer']);
    expect([1, 2, 3].map((n) => readOutcome(findTask(`attempt-${n}`)))).toEqual([
      'failure',
      'failure',
      'success',
    ]);
    const task = findTask('outer');
    expect([readParentId(task), readOutcome(task), task?.attributes['costspan.task.outcome.source']]).toEqual(
      [undefined, 'success', 'evaluation'],
    );
    const judge = spans.find(({ attributes }) => attributes['session.id'] === 'judge');
    expect(task?.endMs).toBeLessThanOrEqual(judge?.startMs ?? 0);
    expect(task?.events.map(({ name, attributes }) => [name, attributes])).toEqual([
      [
        'gen_ai.evaluation.result',
        {
          'gen_ai.evaluation.name': 'helpful',
          'gen_ai.evaluation.score.value': 1,
          'gen_ai.evaluation.score.label': 'pass',
        },
      ],
    ]);
  });
});

describe('across two services with OpenTelemetry', () => {
  it('over HTTP and a queue, a task is one; only the known keys travel', async () => {
    const stdout = await runApp('front.mjs');
    expect(
      new Map((JSON.parse(stdout) as string).split(',').map((pair) => pair.split('=') as [string, string])),
    ).toEqual(
      new Map([
        ['app.key', 'kept'],
        ['costspan.user.tier', 'pro'],
        ['costspan.tenant', 'acme'],
        ['user.id', 'u1'],
        ['costspan.feature', 'support'],
        ['costspan.task.id', 'ticket-7'],
        ['costspan.task.name', 'resolve'],
      ]),
    );
    const base = {
      'costspan.feature': 'support',
      'costspan.user.tier': 'pro',
      'costspan.tenant': 'acme',
      'user.id': 'u1',
    };
    const task = { ...base, 'costspan.task.id': 'ticket-7', 'costspan.task.name': 'resolve' };
    expect(readCalls()).toEqual({
      front: task,
      'front-claude': task,
      'back-http': task,
      'back-queue': task,
      'back-inner': { ...base, 'costspan.task.id': 'search-1', 'costspan.task.name': 'search' },
    });
    expect([readOutcome(findTask('ticket-7')), readParentId(findTask('search-1'))]).toEqual([
      'success',
      'ticket-7',
    ]);
    expect(stage.sink.spans.filter(({ name }) => name.startsWith('task '))).toHaveLength(2);
  });

  it('a provider receives what it would without costspan, header by header', async () => {
    const collect = async (launch: Partial<Launch>): Promise<JsonObject[]> => {
      const from = stage.provider.requests.length;
      await runApp('front.mjs', launch);
      return stage.provider.requests.slice(from).map(readSent);
    };
    const bare = await collect({ flags: [] });
    expect(bare.length).toBeGreaterThanOrEqual(6);
    // The application has told OpenTelemetry to send these to everybody, providers included: that is not ours to mend.
    expect(bare[0]).toMatchObject({ headers: { baggage: 'app.key=kept', traceparent: 'valid' } });
    expect(await collect({})).toEqual(bare);
    expect(JSON.stringify(await collect({}))).not.toMatch(/costspan|ticket-7|acme/);
  });
});

it.each(NODE_NAMES)(
  'a provider that is asked without an SDK hears of no task, a service of one’s own does, Node %s',
  async (node) => {
    const collect = async (launch: Partial<Launch>): Promise<JsonObject[]> => {
      const from = stage.provider.requests.length;
      await runApp('by-hand.mjs', { node, ...launch });
      return stage.provider.requests.slice(from).map(readSent);
    };
    const bare = await collect({ flags: [] });
    const watched = await collect({});
    const readBaggage = (sent: JsonObject[], host: string) =>
      sent
        .map(({ headers }) => headers as JsonObject)
        .filter((headers) => String(headers.host).startsWith(host))
        .map(({ baggage }) => baggage);
    const own = [
      'costspan.task.id=ticket-7',
      'costspan.task.name=resolve',
      'costspan.user.tier=pro',
      'user.id=u1',
    ];
    const kept = ['app.key=kept', ...own];
    expect(readBaggage(watched, 'orders').map((text) => String(text).split(',').sort())).toEqual([
      own,
      own,
      kept,
      kept,
    ]);
    const asked = (sent: JsonObject[]) =>
      sent.filter(({ headers }) => String((headers as JsonObject).host).startsWith('api.openai.com'));
    expect(readBaggage(bare, 'api.openai.com')).toEqual([
      undefined,
      undefined,
      'app.key=kept',
      'app.key=kept',
    ]);
    expect(asked(watched)).toEqual(asked(bare));
  },
);

/** A request without what differs from run to run. */
function readSent({ method, path, headers, body }: ProviderRequest): JsonObject {
  const isTraced = /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/.test(headers.traceparent ?? '');
  return {
    method,
    path,
    body,
    headers: { ...headers, ...('traceparent' in headers && { traceparent: isTraced ? 'valid' : 'broken' }) },
  };
}

/** What a task has come to: its outcome, and its error with the status that the conventions ask for with one. */
const readEnd = (span: SinkSpan): unknown[] => [
  span.name,
  readOutcome(span),
  span.attributes['error.type'],
  span.status.code,
];

it('without a word of code, a message and a job are tasks', async () => {
  await runApp('jobs.mjs');
  const tasks = stage.sink.spans.filter(({ name }) => name.startsWith('task '));
  const idOf = (n: number): unknown => tasks[n]?.attributes['costspan.task.id'];
  const message = { 'costspan.feature': 'orders', 'costspan.task.name': 'process orders' };
  expect(readCalls()).toEqual({
    message: { ...message, 'costspan.task.id': idOf(0) },
    'message-again': { ...message, 'costspan.task.id': idOf(0) },
    'message-fails': { ...message, 'costspan.task.id': idOf(1) },
    timer: { 'costspan.feature': 'unattributed', 'costspan.task.id': idOf(2), 'costspan.task.name': 'bill' },
    internal: { 'costspan.feature': 'unattributed' },
    agent: { 'costspan.feature': 'unattributed' },
    judge: { 'costspan.feature': 'evaluation' },
  });
  expect(tasks.map(readEnd)).toEqual([
    ['task process orders', undefined, undefined, 'unset'],
    ['task process orders', 'failure', 'RangeError', 'error'],
    ['task bill', undefined, undefined, 'unset'],
    ['task judged', undefined, undefined, 'unset'],
  ]);
  expect(tasks[3]?.events.map(({ name, attributes }) => [name, attributes])).toEqual([
    [
      'gen_ai.evaluation.result',
      { 'gen_ai.evaluation.name': 'helpful', 'gen_ai.evaluation.score.value': 0.5 },
    ],
  ]);
  const consumers = stage.sink.spans.filter(({ kind }) => kind === 'consumer');
  expect(tasks[0]?.parentSpanId).toBe(consumers[0]?.spanId);
});

it('a job of BullMQ is a task of its queue, and one that failed is told by an event', async () => {
  await runApp('bullmq.mjs');
  expect(Object.entries(readCalls()).map(([label, call]) => [label, call['costspan.feature']])).toEqual([
    ['welcome', 'emails'],
    ['remind', 'emails'],
  ]);
  const tasks = stage.sink.spans.filter(({ name }) => name.startsWith('task '));
  expect(tasks.map(readEnd)).toEqual([
    ['task process welcome', undefined, undefined, 'unset'],
    ['task process remind', 'failure', '_OTHER', 'error'],
  ]);
  expect(JSON.stringify(tasks)).not.toContain('alice');
});

it('an agent is a task, and a message none, where the configuration says so', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'costspan-tasks-'));
  const config = join(directory, 'costspan.yaml');
  writeFileSync(config, 'tasks: { from: [scope, invoke_agent, job] }');
  try {
    await runApp('jobs.mjs', { env: { COSTSPAN_CONFIG: config } });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  const calls = Object.entries(readCalls()).map(([label, call]) => [label, call['costspan.task.name']]);
  expect(Object.fromEntries(calls)).toEqual({
    message: undefined,
    'message-again': undefined,
    'message-fails': undefined,
    timer: 'bill',
    internal: undefined,
    agent: 'invoke_agent Refunds',
    judge: undefined,
  });
});

it('calls that ask the same within tasks of one process have the same digest, and others none', async () => {
  await runApp('jobs.mjs');
  const digests = new Map(
    stage
      .callSpans()
      .map(({ attributes }) => [attributes['session.id'], attributes['costspan.request.digest']]),
  );
  expect(digests.get('message')).toMatch(/^[\w-]{16}$/);
  expect(digests.get('timer')).toBe(digests.get('message'));
  expect(digests.get('internal')).toBeUndefined();
});

it('an answer that the SDK’s helper cannot parse is seen on the task, unless the next one is better', async () => {
  const thrown = (await runApp('structured.mjs')).trim().split('\n');
  expect(thrown).toEqual(['MissingFieldError', ...Array(6).fill('AnthropicError'), 'MissingFieldError']);
  const read = (id: string) => findTask(id)?.attributes['costspan.output.validation.error'];
  expect([read('invalid'), read('mended')]).toEqual(['MissingFieldError', undefined]);
  for (const sdk of ['anthropic-0-110', 'anthropic-0', 'anthropic-1'])
    expect([sdk, read(`${sdk} false`), read(`${sdk} true`)]).toEqual([
      sdk,
      'AnthropicError',
      'AnthropicError',
    ]);
});

/** SDK and the helper that streams. */
const STREAM_HELPERS = [
  ...['openai-5', 'openai-6', 'openai-7'].flatMap((sdk) => [`${sdk} chat`, `${sdk} responses`]),
  ...['anthropic-0-110', 'anthropic-0', 'anthropic-1'].flatMap((sdk) => [`${sdk} messages`, `${sdk} beta`]),
];

it('so is one that a streaming helper cannot parse, and the application sees no difference', async () => {
  const app = [join(here, 'fixtures', 'structured-stream.mjs'), ...STREAM_HELPERS];
  const bare = await runApp('', { app, flags: [] });
  expect(await runApp('', { app })).toBe(bare);
  expect(bare.match(/^unhandled \w+Error$/gm)).toHaveLength(STREAM_HELPERS.length);
  const read = (id: string) => findTask(id)?.attributes['costspan.output.validation.error'];
  expect(STREAM_HELPERS.map((id) => [id, read(id)])).toEqual(
    STREAM_HELPERS.map((id) => [id, id.startsWith('openai') ? 'OpenAIError' : 'AnthropicError']),
  );
  // What a listener of the application's throws says nothing about the answer.
  expect(STREAM_HELPERS.map((id) => read(`${id} listener`))).toEqual(STREAM_HELPERS.map(() => undefined));
});

describe('in the metrics', () => {
  const CONFIG = `
tasks:
  settle_quiet: 1s
  outcome:
    - { when: { evaluation.name: helpful, evaluation.score: "<0.5" }, is: failure }
`;
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'costspan-tasks-'));
    writeFileSync(join(directory, 'costspan.yaml'), CONFIG);
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('a score decides by the rules of the config, and a judge costs nothing to the task', async () => {
    const text = await runApp('metrics.mjs', {
      env: {
        COSTSPAN_METRICS_PORT: String(await findFreePort()),
        COSTSPAN_CONFIG: join(directory, 'costspan.yaml'),
      },
    });
    const byFeature = readBy(text, 'llm_cost_usd_total', 'feature');
    expect(Object.keys(byFeature).sort()).toEqual(['evaluation', 'support']);
    expect(readBy(text, 'llm_tasks_total', 'outcome')).toEqual({ failure: 1 });
    expect(readBy(text, 'llm_task_cost_usd_total', 'outcome')).toEqual({ failure: byFeature.support });
  });

  it('an answer that was broken off and asked for again is waste of that reason, and nothing else is', async () => {
    const text = await runApp('again.mjs', {
      env: {
        COSTSPAN_METRICS_PORT: String(await findFreePort()),
        COSTSPAN_CONFIG: join(directory, 'costspan.yaml'),
      },
    });
    expect(readBy(text, 'llm_calls_total', 'status')).toEqual({ aborted: 1, ok: 1 });
    const { retried_call: retried = 0, ...others } = readBy(text, 'llm_wasted_cost_usd_total', 'reason');
    expect(others).toEqual({});
    expect(retried).toBeGreaterThan(0);
    expect(retried).toBeLessThan(readBy(text, 'llm_cost_usd_total', 'feature').support ?? 0);
  });
});

/** The values of a metric that are not 0, by one of its labels. */
const readBy = (text: string, metric: string, label: string): Record<string, number> =>
  Object.fromEntries(
    [...text.matchAll(new RegExp(`^${metric}\\{.*\\b${label}="([^"]*)".*\\} (.*)$`, 'gm'))]
      .map(([, name = '', value]) => [name, Number(value)] as const)
      .filter(([, value]) => value !== 0),
  );
