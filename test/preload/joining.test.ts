import { type OtlpSink, type SinkSpan, startOtlpSink } from '@costspan/testkit';
import { ROOT_CONTEXT } from '@opentelemetry/api';
import { SamplingDecision, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fixture, type Launch, namesOf, REGISTER, repeatedIds, Stage } from './preload.ts';

const AUTO = '@opentelemetry/auto-instrumentations-node/register';
/** Enough that a sampler at 1 % drops nearly all, few enough to be quick. */
const REQUESTS = 30;

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
beforeEach(() => stage.clear());
afterAll(() => stage.close());

interface Served {
  readonly registered: string;
  readonly isRegistered: boolean;
  readonly active: readonly { readonly traceId?: string; readonly spanId?: string }[];
}

/** Runs the service; what it says of itself, once it has ended as it should. */
async function serve(how: string, launch: Partial<Launch> & { requests?: number } = {}): Promise<Served> {
  const { requests = 1, env = {}, ...rest } = launch;
  const result = await stage.run({
    app: [fixture('served.mjs'), how, String(requests)],
    env: {
      CODE_URL: `${stage.sink.endpoint}/v1/traces`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_NODE_RESOURCE_DETECTORS: 'env',
      ...env,
    },
    ...rest,
  });
  expect({ exitCode: result.exitCode, stderr: result.stderr }).toEqual({ exitCode: 0, stderr: '' });
  return JSON.parse(result.stdout) as Served;
}

const ofKind = (kind: SinkSpan['kind'], scope: RegExp): readonly SinkSpan[] =>
  stage.sink.spans.filter((span) => span.kind === kind && scope.test(span.scope.name));

/** One span for each call and each task, none twice, whatever way they took. */
function expectEachOnce(requests: number): void {
  const chats = Array.from({ length: requests }, () => 'chat gpt-4o-mini');
  expect(namesOf(stage.callSpans())).toEqual([...chats, 'embeddings text-embedding-3-small']);
  const tasks = Array.from({ length: requests }, () => 'task GET /tickets/:id');
  expect(namesOf(stage.taskSpans())).toEqual(['task GET /broken', ...tasks]);
  expect(repeatedIds(stage.sink.spans)).toEqual([]);
}

/** Without the endpoint of the environment only the provider's own exporter can have brought the spans. */
const CODE_ONLY = { OTEL_EXPORTER_OTLP_ENDPOINT: '' };

const PROVIDERS: readonly (readonly [string, Record<string, string>, string])[] = [
  ['NodeSDK from the environment', {}, 'NodeTracerProvider'],
  ['NodeSDK by code', CODE_ONLY, 'NodeTracerProvider'],
  ['provider of sdk-trace 3', CODE_ONLY, 'TracerProvider'],
  ['provider of sdk-trace-base 2', CODE_ONLY, 'BasicTracerProvider'],
];

it('a provider that keeps few attributes keeps what the sums are made of', async () => {
  await serve('NodeSDK from the environment');
  const whole = stage.callSpans().find(({ name }) => name.startsWith('chat'))?.attributes ?? {};
  stage.clear();
  await serve('NodeSDK from the environment', { env: { OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '16' } });
  const kept = stage.callSpans().find(({ name }) => name.startsWith('chat'))?.attributes ?? {};
  expect(Object.keys(whole).length).toBeGreaterThan(20);
  expect(Object.keys(kept)).toHaveLength(16);
  const counted = [
    'gen_ai.operation.name',
    'gen_ai.provider.name',
    'gen_ai.request.model',
    'gen_ai.response.id',
    'gen_ai.usage.input_tokens',
    'gen_ai.usage.output_tokens',
    'gen_ai.usage.cost.amount',
    'gen_ai.usage.cost.currency',
    'gen_ai.usage.cost.source',
    'costspan.cost.status',
    'costspan.feature',
    'costspan.task.name',
  ];
  const pick = (attributes: typeof whole) => counted.map((name) => [name, typeof attributes[name]]);
  expect(pick(kept)).toEqual(pick(whole));
  expect(Object.keys(kept)).toContain('costspan.task.id');
});

describe.each([
  ['started before the SDK is loaded', 'false'],
  ['started after the SDK was loaded', 'true'],
])('%s', (_title, isLate) => {
  it.each(PROVIDERS)('joins: %s', async (how, env) => {
    const bare = await serve(how, { flags: [], env: { ...env, START_LATE: isLate } });
    stage.clear();
    const served = await serve(how, { env: { ...env, START_LATE: isLate } });
    expect(served.registered).toBe(bare.registered);
    expect(served.isRegistered).toBe(true);
    expectEachOnce(1);
  });
});

it('puts the call below the span that is active, and both in the trace of the request', async () => {
  const { active } = await serve('NodeSDK from the environment');
  const chat = stage.callSpans().find(({ name }) => name.startsWith('chat'));
  const server = ofKind('server', /instrumentation-http/).find(({ name }) => name.includes('/tickets'));
  expect(server?.traceId).toBe(active[0]?.traceId);
  expect(chat?.traceId).toBe(server?.traceId);
  expect(chat?.attributes['costspan.feature']).toBe('/tickets/:id');
  // Up the parents to the server's span.
  const byId = new Map(stage.sink.spans.map((span) => [span.spanId, span]));
  const line: string[] = [];
  for (let at = chat; at !== undefined; at = byId.get(at.parentSpanId ?? '')) line.push(at.spanId);
  expect(line).toContain(server?.spanId);
});

describe('a provider whose exporters do not send to the endpoint of the environment', () => {
  let vendor: OtlpSink;
  beforeAll(async () => {
    vendor = await startOtlpSink();
  });
  afterAll(() => vendor.close());

  it('both get each span once, the same', async () => {
    const env = { CODE_URL: `${vendor.endpoint}/v1/traces`, COSTSPAN_EXPORT: 'sampled' };
    await serve('NodeSDK by code', { env });
    expectEachOnce(1);
    const ids = (spans: readonly SinkSpan[]) =>
      spans
        .filter(({ scope }) => scope.name === '@costspan/instrumentation')
        .map(({ spanId, parentSpanId, attributes }) => ({ spanId, parentSpanId, attributes }))
        .sort((a, b) => (a.spanId < b.spanId ? -1 : 1));
    expect(ids(vendor.spans)).toEqual(ids(stage.sink.spans));
  });

  it('sends them as the environment says', async () => {
    const env = {
      OTEL_SERVICE_NAME: 'shop',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=staging',
    };
    await serve('provider that keeps its spans', { env });
    expectEachOnce(1);
    for (const { resource } of stage.sink.spans)
      expect(resource).toMatchObject({ 'service.name': 'shop', 'deployment.environment.name': 'staging' });
  });

  it('sends nothing where no endpoint is named', async () => {
    await serve('provider that keeps its spans', { env: CODE_ONLY });
    expect(stage.sink.requests).toEqual([]);
  });
});

it('follows the service name of the provider that it joined', async () => {
  await serve('NodeSDK by code', { env: CODE_ONLY });
  const names = stage.sink.spans.map(({ resource }) => resource['service.name']);
  expect(new Set(names)).toEqual(new Set(['by-code']));
});

describe('auto-instrumentations-node/register as a second preload', () => {
  const env = { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'fs,undici,net,dns,openai' };
  it.each([
    ['after costspan', ['--require', REGISTER, '--require', AUTO]],
    ['before costspan', ['--require', AUTO, '--require', REGISTER]],
    ['with --import, after costspan', ['--import', REGISTER, '--import', AUTO]],
    ['with --import, before costspan', ['--import', AUTO, '--import', REGISTER]],
  ])('%s', async (_order, flags) => {
    await serve('none', { flags, env });
    expectEachOnce(1);
    expect(ofKind('server', /instrumentation-http/).length).toBe(2);
  });
});

describe('sampling at 1 % loses no call and no task', () => {
  const ratio = { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.01' };
  it.each([
    ['NodeSDK from the environment', ratio],
    ['NodeSDK by code', ratio],
    ['NodeSDK by code', { ...ratio, ...CODE_ONLY }],
    ['NodeSDK by code at 1 %', {}],
    ['NodeSDK by code at 1 %', CODE_ONLY],
    ['none', ratio],
  ])('%s, %o', async (how, env) => {
    await serve(how, { requests: REQUESTS, env });
    expectEachOnce(REQUESTS);
    // The other spans did follow the sampler.
    expect(ofKind('server', /./).length).toBeLessThan(REQUESTS / 3);
  });

  it.each(['NodeSDK from the environment', 'none'])('COSTSPAN_EXPORT=sampled follows it: %s', async (how) => {
    await serve(how, { requests: REQUESTS, env: { ...ratio, COSTSPAN_EXPORT: 'sampled' } });
    expect(stage.callSpans().length).toBeLessThan(REQUESTS / 3);
  });

  it.each([
    ['always_off', 0],
    ['parentbased_always_off', 0],
    ['always_on', 4],
    ['parentbased_always_on', 4],
  ])('COSTSPAN_EXPORT=sampled without a provider: %s', async (sampler, count) => {
    await serve('none', { env: { OTEL_TRACES_SAMPLER: sampler, COSTSPAN_EXPORT: 'sampled' } });
    expect(stage.callSpans().length + stage.taskSpans().length).toBe(count);
  });

  it('keeps or drops whole traces, as the sampler of OpenTelemetry would', async () => {
    const env = { ...ratio, OTEL_TRACES_SAMPLER_ARG: '0.5', COSTSPAN_EXPORT: 'sampled' };
    await serve('none', { requests: REQUESTS, env });
    const traces = (spans: readonly SinkSpan[]) => spans.map(({ traceId }) => traceId).sort();
    expect(traces(stage.callSpans())).toEqual(traces(stage.taskSpans()));
    // Just those that OpenTelemetry's own sampler would have kept, so that services agree about a trace.
    const sampler = new TraceIdRatioBasedSampler(0.5);
    const decisions = stage
      .callSpans()
      .map(({ traceId }) => sampler.shouldSample(ROOT_CONTEXT, traceId).decision);
    expect(new Set(decisions)).toEqual(new Set([SamplingDecision.RECORD_AND_SAMPLED]));
    expect(stage.callSpans().length).toBeLessThan(REQUESTS);
  });
});

describe('the standard variables', () => {
  const run = (env: Record<string, string>) => stage.run({ app: [fixture('calls.cjs')], env });
  const paths = () => stage.sink.requests.map(({ path }) => path);

  it('takes service and resource from them', async () => {
    await run({
      OTEL_SERVICE_NAME: 'shop',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=other,deployment.environment.name=staging,team=a%20b',
    });
    expect(stage.callSpans().map(({ resource }) => resource)).toEqual(
      [1, 2].map(() =>
        expect.objectContaining({
          'service.name': 'shop',
          'deployment.environment.name': 'staging',
          team: 'a b',
        }),
      ),
    );
  });

  it('appends the path of the signal to the general endpoint alone', async () => {
    await run({ OTEL_EXPORTER_OTLP_ENDPOINT: `${stage.sink.endpoint}/base/` });
    await run({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${stage.sink.endpoint}/exact` });
    expect(paths()).toEqual(['/base/v1/traces', '/exact']);
  });

  it.each([
    ['while it lives', 'calls.cjs', { OTEL_BSP_SCHEDULE_DELAY: '1' }],
    ['at its end', 'calls.cjs', {}],
  ])('sends the headers and compresses: %s', async (_when, app, env) => {
    await stage.run({
      app: [fixture(app)],
      env: {
        OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20a%3Db,x-team=general',
        OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-team=traces',
        OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
        ...env,
      },
    });
    expect(namesOf(stage.callSpans())).toEqual(['chat claude-haiku-4-5', 'chat gpt-4o-mini']);
    for (const { headers } of stage.sink.requests) {
      expect(headers).toMatchObject({
        authorization: 'Bearer a=b',
        'x-team': 'traces',
        'content-encoding': 'gzip',
        'user-agent': expect.stringMatching(/^costspan-instrumentation\/\d+\.\d+\.\d+$/),
      });
    }
  });

  it('sends under the name that the operator gives it', async () => {
    await run({ OTEL_EXPORTER_OTLP_HEADERS: 'User-Agent=gate%2F1' });
    expect(stage.sink.requests.map(({ headers }) => headers['user-agent'])).toEqual(['gate/1']);
  });

  it.each([{ OTEL_SDK_DISABLED: 'true' }, { OTEL_TRACES_EXPORTER: 'none' }])(
    'sends nothing: %o',
    async (env) => {
      expect((await run(env)).exitCode).toBe(0);
      expect(paths()).toEqual([]);
    },
  );
});
