import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type RunningProcess, readArray, readString } from '@costspan/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Stage } from '../preload/preload.ts';
import { billUsd } from './bill.ts';
import { type ProcessorProcess, readSum, startProcessor } from './stack.ts';

const fixture = (name: string): string => join(dirname(fileURLToPath(import.meta.url)), 'fixtures', name);
/** How the service asks its gateway, each for a feature and a task of that name. */
const WAYS = ['sdk', 'sdk-stream', 'ai-sdk', 'fetch', 'http'];

const folder = mkdtempSync(join(tmpdir(), 'costspan-gateway-'));
let stage: Stage;
let processor: ProcessorProcess;
/** Replies before the test at hand. */
let billed = 0;
beforeAll(async () => {
  stage = await Stage.start();
});
beforeEach(async () => {
  billed = stage.provider.log.length;
  processor = await startProcessor(folder, { config: 'tasks: { settle_quiet: 0s }\n' });
});
afterEach(() => processor.process.stop());
afterAll(async () => {
  await stage.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Run {
  /** Who tells first what it knows: each does at its end. */
  readonly first: 'gateway' | 'service';
  readonly hasOtel: boolean;
  readonly isNamed: boolean;
  readonly makesUpIds?: boolean;
  /** Where the gateway listens, else anywhere. */
  readonly port?: string;
}

/**
 * Runs a service and the gateway that it asks, both under the preload; what its requests told of their origin, and where
 * the gateway listened.
 */
async function runBoth({ first, hasOtel, isNamed, makesUpIds = false, port = '0' }: Run) {
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: processor.otlp,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_NODE_RESOURCE_DETECTORS: 'env',
  };
  const otel = hasOtel ? ['otel'] : [];
  const start = (name: string, args: readonly string[], more: Readonly<Record<string, string>>) =>
    stage.launch({ app: [fixture(name), ...args], env: { ...env, ...more } });
  const gateway = start('gateway.mjs', [port, ...otel, ...(makesUpIds ? ['makes-up-ids'] : [])], {
    OTEL_SERVICE_NAME: 'gateway',
  });
  const origin = readString((await gateway.waitForEvent('ready')).origin)!;
  const named = isNamed ? { COSTSPAN_LLM_GATEWAYS: new URL(origin).host } : {};
  const service = start('asks-gateway.mjs', [origin, ...otel], { OTEL_SERVICE_NAME: 'shop', ...named });
  await service.waitForEvent('asked');
  const inOrder = first === 'gateway' ? [gateway, service] : [service, gateway];
  for (const one of inOrder) await expectGoodEnd(one);
  const headers = readArray((await gateway.waitForEvent('told')).headers);
  return { headers, port: new URL(origin).port };
}

async function expectGoodEnd(running: RunningProcess): Promise<void> {
  const { exitCode, stderr } = await running.stop();
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
}

const read = (name: string, ...labels: string[]): Promise<number> =>
  readSum(processor.metrics, name, labels.join(','));
const billedUsd = (): number =>
  stage.provider.log.slice(billed).reduce((total, reply) => total + billUsd(reply), 0);

describe.each([false, true])('a gateway that reports as well; OpenTelemetry in both: %s', (hasOtel) => {
  it.each(['gateway', 'service'] as const)(
    'one call each way, for whom it was asked; first: %s',
    async (first) => {
      const { headers } = await runBoth({ first, hasOtel, isNamed: true });
      // Baggage is the application's own OpenTelemetry's.
      expect(headers).toEqual(['traceparent', 'tracestate', ...(hasOtel ? ['baggage'] : [])]);
      await expect.poll(() => read('llm_calls_total')).toBe(WAYS.length);
      expect(await read('llm_cost_usd_total', 'service="shop"')).toBeCloseTo(billedUsd(), 12);
      expect(await read('llm_cost_usd_total')).toBeCloseTo(billedUsd(), 12);
      for (const way of WAYS) {
        expect(await read('llm_calls_total', `feature="${way}"`, 'user_tier="free"')).toBe(1);
        await expect
          .poll(() => read('llm_task_cost_usd_total', `feature="${way}"`, `task="task-${way}"`))
          .toBeGreaterThan(0);
      }
      await expect.poll(() => read('llm_task_cost_usd_total')).toBeCloseTo(billedUsd(), 12);
      expect(await read('llm_tasks_total')).toBe(WAYS.length);
      expect(await read('llm_tenant_cost_usd_total', 'tenant="acme"')).toBeCloseTo(billedUsd(), 12);
      expect(await read('costspan_processor_nested_calls_total')).toBe(WAYS.length);
    },
  );
});

/** Each way twice: of the first ones it is learned that somebody asks there. */
it.each([
  { first: 'gateway', makesUpIds: false },
  { first: 'service', makesUpIds: false },
  { first: 'gateway', makesUpIds: true },
  { first: 'service', makesUpIds: true },
] as const)(
  'a gateway that nobody has named is sent nothing, and a call counts once: %o',
  async ({ first, makesUpIds }) => {
    const run = { hasOtel: false, isNamed: false, makesUpIds };
    const { headers, port } = await runBoth({ ...run, first: 'service' });
    const again = await runBoth({ ...run, first, port });
    expect([...headers, ...again.headers]).toEqual([]);
    await expect.poll(() => read('llm_calls_total')).toBe(2 * WAYS.length);
    expect(await read('llm_cost_usd_total', 'service="shop"')).toBeCloseTo(billedUsd(), 12);
    expect(await read('llm_cost_usd_total')).toBeCloseTo(billedUsd(), 12);
    for (const way of WAYS) expect(await read('llm_calls_total', `feature="${way}"`)).toBe(2);
    await expect.poll(() => read('llm_task_cost_usd_total')).toBeCloseTo(billedUsd(), 12);
    expect(await read('llm_tasks_total')).toBe(2 * WAYS.length);
    expect(await read('costspan_processor_nested_calls_total')).toBe(2 * WAYS.length);
    expect(await read('costspan_processor_suspected_calls_total')).toBe(0);
    expect(processor.process.stderr()).not.toContain('COSTSPAN_CALLS_TOLD_TWICE');
  },
);
