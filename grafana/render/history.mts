// A week in the life of a shop: the made-up traffic through the real aggregate, scraped once a minute, as a file that
// `promtool tsdb create-blocks-from openmetrics` reads. Of the week before only what is compared with is written.
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createRequire } from 'node:module';
import { finished } from 'node:stream/promises';
import { MODELS, type PlannedCall, type PlannedTask, planMinute } from '../../test/dashboards/traffic.ts';

const require = createRequire(import.meta.url);
const { Aggregate, readSingle, renderMetrics } =
  require('../../packages/aggregate/dist/index.js') as typeof import('../../packages/aggregate/src/index.ts');
const { PROCESSOR_METRIC } =
  require('../../packages/semconv/dist/index.js') as typeof import('../../packages/semconv/src/index.ts');
const { createRandom } =
  require('../../packages/testkit/dist/index.js') as typeof import('../../packages/testkit/src/index.ts');

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const WEEK_MS = 7 * 24 * HOUR_MS;
const PICO = 1e12;

/** The budgets of the pictures: one as it should be, one that lands too high, one nearly spent, one in batches. */
export const BUDGETS = [
  { name: 'all', match: {}, limitUsd: 4_300, period: 'month' },
  { name: 'contract-review', match: { feature: 'contract-review' }, limitUsd: 1_900, period: 'month' },
  { name: 'support', match: { feature: 'support-chat' }, limitUsd: 580, period: 'month' },
  { name: 'nightly', match: { feature: 'nightly-tagging' }, limitUsd: 700, period: 'month', shape: 'batch' },
] as const;
/** What the features had spent in the month before the history begins, USD. */
const SPENT_BEFORE: Readonly<Record<string, number>> = {
  'support-chat': 460,
  'contract-review': 1_350,
  'nightly-tagging': 330,
  'order-summary': 40,
};

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}
/** What is written: a day that is shown, with an hour before it for its first rates, and the same day of the week before. */
export const spansUntil = (nowMs: number): readonly [before: Span, shown: Span] => [
  { fromMs: nowMs - WEEK_MS - 28 * HOUR_MS, toMs: nowMs - WEEK_MS + 2 * HOUR_MS },
  { fromMs: nowMs - 27 * HOUR_MS, toMs: nowMs },
];
/** Series of the week before that the pictures compare with. */
const COMPARED = /^llm_(cost_usd|tokens)_total\{/;

/** Writes the history and returns how many samples it has. */
export async function writeHistory(file: string, nowMs: number): Promise<number> {
  const out = createWriteStream(file);
  const shop = new Shop();
  const [before, shown] = spansUntil(nowMs);
  shop.spendBefore(before.fromMs - 10 * MINUTE_MS);
  let samples = 0;
  for (const span of [before, shown]) {
    for (let atMs = span.fromMs; atMs <= span.toMs; atMs += MINUTE_MS) {
      shop.passMinute(atMs);
      const text = await shop.scrape(atMs);
      const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
      const wanted = span === before ? lines.filter((line) => COMPARED.test(line)) : lines;
      samples += wanted.length;
      const stamped = wanted.map((line) => `${withInstance(line)} ${atMs / 1000}\n`).join('');
      if (!out.write(stamped)) await once(out, 'drain');
    }
  }
  out.end('# EOF\n');
  await finished(out);
  return samples;
}

/** What Prometheus adds to each series that it scrapes. */
function withInstance(line: string): string {
  const own = 'instance="processor-0:9464",job="costspan"';
  const brace = line.indexOf('{');
  if (brace !== -1) return `${line.slice(0, brace + 1)}${own},${line.slice(brace + 1)}`;
  const space = line.indexOf(' ');
  return `${line.slice(0, space)}{${own}}${line.slice(space)}`;
}

class Shop {
  readonly #random = createRandom(20_261_120);
  readonly #aggregate = new Aggregate({
    budgets: BUDGETS.map(({ limitUsd, ...budget }) => ({
      ...budget,
      limitPicoUsd: BigInt(limitUsd) * BigInt(PICO),
      timezone: 'UTC',
    })),
    tenants: { allow: ['acme'], top: 5 },
  });
  #spans = 0;
  #tasks = 0;

  /** Money that was spent before anybody looked, one sum for each feature. */
  spendBefore(atMs: number): void {
    for (const [feature, usd] of Object.entries(SPENT_BEFORE)) {
      this.#record({ feature, atMs, costPicoUsd: usd * PICO });
    }
  }

  passMinute(atMs: number): void {
    const hour = new Date(atMs).getUTCHours() + new Date(atMs).getUTCMinutes() / 60;
    for (const task of planMinute(this.#random, hour)) this.#play(task, atMs);
    this.#aggregate.settle(atMs);
  }

  scrape(atMs: number): Promise<string> {
    return renderMetrics(this.#aggregate, atMs, {
      isScrape: true,
      more: [
        readSingle(PROCESSOR_METRIC.SPANS_RECEIVED, this.#spans),
        readSingle(PROCESSOR_METRIC.DUPLICATES, Math.floor(this.#spans / 400)),
        readSingle(PROCESSOR_METRIC.LAG, 1.5 + this.#random()),
        { definition: PROCESSOR_METRIC.REJECTED, samples: [{ labels: { reason: 'malformed' }, value: 0 }] },
      ],
    });
  }

  #play(task: PlannedTask, atMs: number): void {
    this.#tasks += 1;
    const id = `task-${this.#tasks}`;
    for (const call of task.calls) this.#call(call, { task, id, atMs });
    this.#spans += task.calls.length + 1;
    const { name, service, environment, feature, userTier, outcome } = task;
    this.#aggregate.recordTask(
      {
        id,
        name,
        service,
        environment,
        feature,
        userTier,
        endMs: atMs,
        ...(outcome !== 'unknown' && { outcome, outcomeSource: 'api' }),
      },
      atMs,
    );
  }

  #call(call: PlannedCall, { task, id, atMs }: { task: PlannedTask; id: string; atMs: number }): void {
    const { usd } = MODELS[call.model]!;
    const { tokens } = call;
    const factor = call.mode === 'batch' ? 0.5 : 1;
    const output = tokens.output + tokens.reasoning;
    // USD per million tokens are pico-USD per token, times a million.
    const picoUsd = tokens.input * usd.input + tokens.cacheRead * usd.cacheRead + output * usd.output;
    const { service, environment, feature, userTier, tenant, name } = task;
    this.#record({
      service,
      environment,
      feature,
      userTier,
      tenant,
      task: { id, name },
      provider: call.provider,
      model: call.model,
      operation: call.operation,
      mode: call.mode,
      status: call.status,
      durationSeconds: call.durationSeconds,
      ...(call.firstChunkSeconds !== undefined && { timeToFirstChunkSeconds: call.firstChunkSeconds }),
      retries: call.retries,
      tokens,
      costPicoUsd: Math.round(picoUsd * 1e6 * factor),
      cacheSavingsPicoUsd: Math.round(tokens.cacheRead * (usd.input - usd.cacheRead) * 1e6 * factor),
      atMs,
    });
  }

  #record(
    call: Partial<Parameters<InstanceType<typeof Aggregate>['recordCall']>[0]> & { atMs: number },
  ): void {
    const { atMs, ...known } = call;
    this.#aggregate.recordCall(
      {
        traceId: '',
        spanId: '',
        service: 'shop',
        environment: 'prod',
        feature: '',
        userTier: '',
        tenant: '',
        provider: 'openai',
        model: 'gpt-4o-mini',
        operation: 'chat',
        mode: 'standard',
        status: 'ok',
        endMs: atMs,
        durationSeconds: 1,
        retries: 0,
        costSource: 'local',
        ...known,
      },
      atMs,
    );
  }
}
