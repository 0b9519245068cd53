/**
 * Every framework under the preload and under somebody else's instrumentation at once: each call is counted once, and
 * the sum is the provider's bill. A whole run writes the table of docs/frameworks.md.
 */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../contract/packages.ts';
import { billUsd } from '../pipeline/bill.ts';
import { type ProcessorProcess, readSum, startProcessor } from '../pipeline/stack.ts';
import { REGISTER, Stage } from '../preload/preload.ts';

/** What else reports: instrumentations by their name in the fixture, and in the table. */
const INSTRUMENTATIONS = {
  none: 'a tracer provider alone',
  own: 'its own telemetry',
  contrib: 'OpenTelemetry contrib',
  openllmetry: 'OpenLLMetry',
  openinference: 'OpenInference',
  openlit: 'OpenLIT',
  langsmith: 'LangSmith',
  langsmithService: 'LangSmith, to its own service',
} as const;
type Instrumentation = keyof typeof INSTRUMENTATIONS;

interface App {
  readonly title: string;
  /** Calls that are counted; as many as the provider answered where nothing is said. */
  readonly calls?: number;
  /** Why there is no such pair. */
  readonly not: Partial<Record<Instrumentation, string>>;
}

const NO_SPANS = 'writes no OpenTelemetry spans by itself';
const noOwn = { own: NO_SPANS };
const APPS: Readonly<Record<string, App>> = {
  openai: { title: 'openai 7', not: noOwn },
  'openai-6': { title: 'openai 6', not: noOwn },
  anthropic: { title: '@anthropic-ai/sdk 0.137', not: {} },
  'ai-sdk-4': {
    title: 'AI SDK 4',
    not: { openlit: 'OpenLIT makes its `streamText` return nothing, without costspan too' },
  },
  'ai-sdk-5': { title: 'AI SDK 5', not: {} },
  'ai-sdk-6': { title: 'AI SDK 6', not: {} },
  'ai-sdk-7': { title: 'AI SDK 7', not: {} },
  langchain: { title: 'LangChain 1', not: noOwn },
  langgraph: { title: 'LangGraph 1', not: noOwn },
  llamaindex: { title: 'LlamaIndex', not: noOwn },
  'openai-agents': { title: 'OpenAI Agents', not: noOwn },
  'claude-agent': {
    title: 'Claude Agent SDK',
    calls: 1,
    not: { own: 'those of its executable, in 2.1.111, are no calls' },
  },
  mastra: { title: 'Mastra', not: {} },
};

const fixture = (name: string): string => join(import.meta.dirname, 'fixtures', name);
const TABLE_FILE = join(ROOT, '.cache', 'frameworks-stacked.md');
/** What the other told of a pair, and how many calls there were. */
const told = new Map<string, { readonly reports: number; readonly calls: number }>();
const keyOf = (app: string, instrumentation: string): string => `${app} × ${instrumentation}`;

/** LangSmith asks its service what it can do, and sends it what is no span: runs in parts, those of calls with usage. */
const langsmith = createServer(async (request, response) => {
  const body = await text(request);
  for (const [, run = '', part = ''] of body.matchAll(RUN_PART))
    if (/usage_metadata|total_tokens/.test(part)) calledRuns.add(run);
  response.setHeader('content-type', 'application/json').end('{}');
});
const RUN_PART = /name="(?:post|patch)\.([\w-]+)(?:\.\w+)?"([\s\S]*?)\r\n--/g;
const calledRuns = new Set<string>();
let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
  langsmith.listen(0, '127.0.0.1');
  await once(langsmith, 'listening');
});
afterAll(async () => {
  await stage.close();
  langsmith.close();
  writeTable();
});

describe.each(Object.entries(APPS))('%s', (app, { calls: counted, not }) => {
  let folder: string;
  let processor: ProcessorProcess;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'costspan-stacked-'));
    processor = await startProcessor(folder);
  });
  afterAll(async () => {
    await processor.process.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const [instrumentation, title] of Object.entries(INSTRUMENTATIONS)) {
    const reason = not[instrumentation as Instrumentation];
    const suffix = reason === undefined ? '' : ` (skipped: ${reason})`;
    it.skipIf(reason !== undefined)(`is counted once beside ${title}${suffix}`, async () => {
      const before = await readCounted(processor);
      const answered = stage.provider.log.length;
      const { stdout, stderr, exitCode } = await stage.run({
        flags: ['--require', REGISTER, '--require', fixture('instrumented.cjs')],
        app: [fixture('stacked.cjs'), app],
        env: {
          INSTRUMENTATION: instrumentation,
          OTEL_EXPORTER_OTLP_ENDPOINT: processor.otlp,
          OTEL_SERVICE_NAME: 'stacked',
          CLAUDE: fixture('claude.mjs'),
          HOME: folder,
          ...(instrumentation.startsWith('langsmith') ? langsmithEnvironment(instrumentation) : {}),
        },
      });
      expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
      const replies = stage.provider.log.slice(answered);
      const calls = counted ?? replies.length;
      await expect
        .poll(async () => (await readCounted(processor)).calls - before.calls)
        .toBeGreaterThanOrEqual(calls);
      // What counts twice may come a little later.
      await new Promise((resolve) => setTimeout(resolve, 100));
      const after = await readCounted(processor);
      expect(replies.length).toBeGreaterThan(1);
      expect(after.calls - before.calls).toBe(calls);
      expect(after.usd - before.usd).toBeCloseTo(
        replies.reduce((sum, reply) => sum + billUsd(reply), 0),
        12,
      );
      const { reports } = JSON.parse(stdout) as { reports: number };
      told.set(keyOf(app, instrumentation), { reports: reports + calledRuns.size, calls });
      calledRuns.clear();
    });
  }
});

/** Its mode in which runs become spans of OpenTelemetry, or its usual one. */
const langsmithEnvironment = (instrumentation: string) => ({
  LANGSMITH_TRACING: 'true',
  LANGSMITH_OTEL_ENABLED: String(instrumentation === 'langsmith'),
  LANGSMITH_API_KEY: 'canary-key',
  LANGSMITH_ENDPOINT: `http://127.0.0.1:${(langsmith.address() as AddressInfo).port}`,
});

const readCounted = async ({ metrics }: ProcessorProcess) => ({
  calls: await readSum(metrics, 'llm_calls_total'),
  usd: await readSum(metrics, 'llm_cost_usd_total'),
});

it('the others do report: the pairs are no shadow-boxing', () => {
  const reporting = [...told].filter(([, { reports }]) => reports > 0).map(([pair]) => pair);
  expect(reporting).toEqual(
    expect.arrayContaining([
      'openai-6 × contrib',
      'anthropic × openllmetry',
      'langgraph × openllmetry',
      'langgraph × openinference',
      'langgraph × openlit',
      'langchain × langsmith',
      'langchain × langsmithService',
      'langgraph × langsmithService',
      'openai-agents × openlit',
      'ai-sdk-4 × own',
      'ai-sdk-7 × own',
    ]),
  );
});

/** Keeps the table of a whole run; a run of some pairs says nothing about the others. */
function writeTable(): void {
  const names = Object.keys(INSTRUMENTATIONS) as Instrumentation[];
  const rows = Object.entries(APPS).map(([app, { title, not }]) => {
    const cells = names.map((name) => {
      const pair = told.get(keyOf(app, name));
      if (not[name] !== undefined) return `– (${not[name]})`;
      return pair === undefined ? undefined : `${pair.reports}`;
    });
    return cells.includes(undefined)
      ? undefined
      : `| ${[title, told.get(keyOf(app, 'none'))?.calls, ...cells].join(' | ')} |`;
  });
  if (rows.includes(undefined)) return;
  const head = `| framework | calls | ${Object.values(INSTRUMENTATIONS).join(' | ')} |`;
  mkdirSync(dirname(TABLE_FILE), { recursive: true });
  writeFileSync(
    TABLE_FILE,
    `${[head, `|---|--:|${names.map(() => '---|').join('')}`, ...rows].join('\n')}\n`,
  );
}
