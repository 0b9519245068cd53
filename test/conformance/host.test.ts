/** The host's peace: switches, content, copies of an SDK, hostile telemetry, and how the process ends. */
import { measureDelay } from '@costspan/testkit';
import { describe, expect, it } from 'vitest';
import { type AppRun, type AppRunOptions, runApp, runProgram } from './app-run.ts';
import { FORMATS, SDKS, type Sdk } from './matrix.ts';
import { findFaults } from './semconv.ts';

const PROVIDER = './provider.cjs';
const NEWEST = SDKS.filter(({ alias }) => alias === 'openai-7' || alias === 'anthropic-1');
const mainRoad = ({ family }: Sdk): string => (family === 'anthropic' ? 'messages' : 'chat.completions');
const basics = (sdk: Sdk): string[] =>
  ['plain', 'stream-whole', 'stream-break', 'status-500-unhandled', 'as-response-json'].map(
    (scenario) => `${mainRoad(sdk)}/${scenario}`,
  );
/** Endings and timings are compared of an application that ends by itself. */
const runPair = async (options: Omit<AppRunOptions, 'hasPreload'>, bare: Partial<AppRunOptions> = {}) =>
  Promise.all([runApp({ ...options, ...bare, hasPreload: false }), runApp({ ...options, hasPreload: true })]);
const whatItSaw = ({ transcript, stderr, exitCode }: AppRun) => ({
  lines: [...transcript.values()],
  stderr,
  exitCode,
});

describe.each(SDKS)('switches: $package $version', (sdk) => {
  it.each(sdk.formats ?? FORMATS)('COSTSPAN_ENABLED=false leaves %s alone', async (format) => {
    const [bare, off] = await runPair({ sdk, format, only: basics(sdk), env: { COSTSPAN_ENABLED: 'false' } });
    expect(whatItSaw(off)).toEqual(whatItSaw(bare));
    expect(off.spans).toEqual([]);
  });
});

describe.each(SDKS.filter(({ family }) => family === 'openai'))('stream usage: $package $version', (sdk) => {
  const name = 'chat.completions/stream-whole';
  const run = (env: Record<string, string>) =>
    runApp({ sdk, format: 'cjs', only: [name], env, hasPreload: true });

  it('is asked for and hidden', async () => {
    const { requests, transcript, spans } = await run({});
    expect(requests.map(({ body }) => body.stream_options)).toEqual([{ include_usage: true }]);
    expect(transcript.get(name)).not.toMatch(/"usage"|"choices":\[\]/);
    expect(spans.map(({ attributes }) => attributes['costspan.usage.status'])).toEqual(['complete']);
  });

  it('is left alone with COSTSPAN_INJECT_STREAM_USAGE=false', async () => {
    const { requests, spans } = await run({ COSTSPAN_INJECT_STREAM_USAGE: 'false' });
    expect(requests.map(({ body }) => body.stream_options)).toEqual([undefined]);
    const usage = spans.map(({ attributes }) => [
      attributes['costspan.usage.status'],
      attributes['costspan.cost.status'],
      attributes['gen_ai.usage.cost.amount'],
    ]);
    expect(usage).toEqual([['missing', 'unpriced', undefined]]);
  });

  it('is asked of a host that refuses once, and of that host never again', async () => {
    const { requests } = await runApp({
      sdk,
      format: 'cjs',
      only: ['chat.completions/stream-usage-refused'],
      hasPreload: true,
    });
    expect(requests.map(({ body }) => body.stream_options)).toEqual([
      { include_usage: true },
      undefined,
      undefined,
    ]);
  });
});

describe.each(SDKS)('content: $package $version', (sdk) => {
  const scenarios = [
    'plain',
    'stream-whole',
    'stream-break',
    'status-400',
    'raw-post',
    'run-tools',
    'helper-stream',
  ];
  const only = [
    ...scenarios.map((scenario) => `${mainRoad(sdk)}/${scenario}`),
    'responses/plain',
    'responses/stream-whole',
    'embeddings/default',
    'beta.messages/tool-runner',
  ];
  const run = (capture: string) =>
    runApp({
      sdk,
      format: sdk.formats?.[0] ?? 'cjs',
      only,
      env: { OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: capture },
      hasPreload: true,
    });

  it('stays out of every span by default', async () => {
    const { spans } = await run('false');
    // A client that only shares OpenAI's wire has none of its helpers.
    expect(spans.length).toBeGreaterThan(sdk.isCompatible === true ? 3 : 5);
    expect(JSON.stringify(spans)).not.toMatch(/canary/i);
  });

  it('is recorded when it is asked for, the key never', async () => {
    const { spans } = await run('true');
    const plain = spans.find(
      ({ attributes }) => attributes['gen_ai.request.model'] === `${mainRoad(sdk)}/plain`,
    );
    expect(plain?.attributes['gen_ai.input.messages']).toMatch(/canary-prompt/);
    expect(plain?.attributes['gen_ai.output.messages']).toMatch(/Canary-completion/);
    const streamed = spans.find(
      ({ attributes }) => attributes['gen_ai.request.model'] === `${mainRoad(sdk)}/stream-whole`,
    );
    expect(streamed?.attributes['gen_ai.output.messages']).toMatch(
      /Canary-completion: alpha beta gamma delta\./,
    );
    expect(JSON.stringify(spans)).not.toMatch(/canary-key/);
    expect(spans.flatMap(findFaults)).toEqual([]);
  });
});

describe('copies of an SDK in one process', () => {
  it.each([
    ['openai-6', 'openai-7'],
    ['openai-7', 'openai-4'],
  ])('%s and %s are both recorded', async (first, second) => {
    const { spans, exitCode } = await runProgram('two-copies.cjs', [first, second], { hasPreload: true });
    expect(exitCode).toBe(0);
    expect(spans.map(({ name }) => name)).toEqual([
      `chat chat.completions/${first}`,
      `chat chat.completions/${second}`,
    ]);
  });
});

describe.each(SDKS)('an application with a tracer provider: $package $version', (sdk) => {
  it.each(sdk.formats ?? FORMATS)('gets exactly one span per call, %s', async (format) => {
    const only = basics(sdk);
    const [bare, joined] = await runPair({ sdk, format, only, before: [PROVIDER] });
    expect(whatItSaw(joined)).toEqual(whatItSaw(bare));
    const names = joined.spans.map(({ name }) => name).sort();
    expect(names).toEqual(only.map((scenario) => `chat ${scenario}`).sort());
    expect(joined.spans.flatMap(findFaults)).toEqual([]);
    // Proof that there was something to yield: on its own the SDK emits its spans.
    expect(bare.spans.length > 0).toBe(sdk.hasOwnSpans === true);
  });
});

/** The most that costspan may hold up the end of a process, plus what two busy cores blur. */
const EXIT_LIMIT_MS = 1_000;
const BLUR_MS = 1_000;

/** Runs both until the end of ours is late by less than the limit, and compares each time what they saw. */
async function expectNoDelay(run: () => Promise<AppRun[]>): Promise<void> {
  const limitMs = EXIT_LIMIT_MS + BLUR_MS;
  const delayMs = await measureDelay(limitMs, async () => {
    const [bare, recorded] = (await run()) as [AppRun, AppRun];
    expect(whatItSaw(recorded)).toEqual(whatItSaw(bare));
    return { bareMs: bare.endMs, oursMs: recorded.endMs };
  });
  expect(delayMs).toBeLessThan(limitMs);
}

describe.each(NEWEST)('hostile telemetry: $package $version', (sdk) => {
  const natural = { CONFORMANCE_END: 'natural' };
  it.each([
    'throws-at-start',
    'throws-at-end',
    'exporter-throws',
    'exporter-fails',
    'exporter-hangs',
    'exporter-hangs-unbatched',
    'shutdown-hangs',
  ])('the application does not notice a processor that %s', (kind) => {
    const env = { ...natural, CONFORMANCE_PROVIDER: kind };
    const options = { sdk, format: 'cjs', only: basics(sdk), before: [PROVIDER], env } as const;
    return expectNoDelay(() => runPair(options, { before: [] }));
  });

  it.each(['unavailable', 'hang', 'reset'] as const)('nor a collector that answers with %s', (sinkMode) =>
    expectNoDelay(() => runPair({ sdk, format: 'esm', only: basics(sdk), env: natural, sinkMode })),
  );
});

describe.each(SDKS.filter(({ family }) => family === 'openai'))(
  'the end of a process: $package $version',
  (sdk) => {
    it.each(['rejection', 'exception'])(
      'an uncaught %s ends it as ever, and its call is recorded',
      async (how) => {
        const [bare, recorded] = await Promise.all([
          runProgram('uncaught.cjs', [sdk.alias, how], { hasPreload: false }),
          runProgram('uncaught.cjs', [sdk.alias, how], { hasPreload: true }),
        ]);
        // To the last line: nothing of ours stands in the stack of the application's error. The server's clock goes on.
        const said = ({ stderr, exitCode }: AppRun) => ({
          exitCode,
          stderr: stderr.replace(/date: '[^']*'/g, 'date').split('\n'),
        });
        expect(said(recorded)).toEqual(said(bare));
        expect(bare.stderr).toMatch(how === 'rejection' ? /status: 500/ : /RangeError: nobody catches this/);
        expect(bare.exitCode).toBe(1);
        expect(recorded.spans.map(({ attributes }) => attributes['error.type'])).toEqual([
          how === 'rejection' ? '500' : undefined,
        ]);
      },
    );
  },
);
