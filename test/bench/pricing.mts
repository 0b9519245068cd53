// What pricing costs: a lookup and a whole priceUsage in nanoseconds, and the table's load time and heap.
// `node test/bench/pricing.mts` after a build. Never a timed test: the numbers are for reading.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const SAMPLES = 15;
const CALLS_PER_SAMPLE = 200_000;
const LOAD_SAMPLES = 9;
const AT_MS = Date.parse('2026-10-15T12:00:00Z');
const TARGETS = { priceNs: 500, loadMs: 5, heapKb: 1_000 };

type Pricing = typeof import('@costspan/pricing');

interface LoadSample {
  readonly moduleMs: number;
  readonly firstCallMs: number;
  readonly largestCardMs: number;
  readonly allCardsMs: number;
  readonly oneCardHeapKb: number;
  readonly allCardsHeapKb: number;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Median nanoseconds of processor time of one call, so that a busy machine does not count; the first two samples warm up. */
function measureNs(call: () => unknown): number {
  const samples: number[] = [];
  for (let sample = 0; sample < SAMPLES + 2; sample += 1) {
    const start = process.cpuUsage();
    for (let round = 0; round < CALLS_PER_SAMPLE; round += 1) call();
    const { user, system } = process.cpuUsage(start);
    if (sample >= 2) samples.push(((user + system) * 1_000) / CALLS_PER_SAMPLE);
  }
  return median(samples);
}

/** One provider per card, so that a call for each loads the whole table. */
const ALL_PROVIDERS = [
  'openai',
  'anthropic',
  'azure.ai.openai',
  'aws.bedrock',
  'cohere',
  'deepseek',
  'gcp.gemini',
  'groq',
  'mistral_ai',
  'moonshot_ai',
  'perplexity',
  'x_ai',
  'openrouter',
  'together',
  'fireworks',
  'cerebras',
  'z_ai',
  'voyage',
  'alibaba',
];

/** Runs in a fresh process: nothing is loaded yet, and the garbage collector can be called. */
function measureLoad(): LoadSample {
  const collect = globalThis.gc;
  if (collect === undefined) throw new Error('run with --expose-gc');
  const heapKb = (): number => {
    collect();
    collect();
    return process.memoryUsage().heapUsed / 1024;
  };
  const before = performance.now();
  const { priceUsage }: Pricing = require('@costspan/pricing');
  const moduleMs = performance.now() - before;
  const price = (provider: string, model: string): unknown =>
    priceUsage({ inputTokens: 1, outputTokens: 1 }, { provider, model, atMs: AT_MS });
  // Compiles the code paths without a table, so that the first call below is the table.
  price('no-such-provider', 'm');
  const emptyKb = heapKb();
  const first = performance.now();
  price('openai', 'gpt-5');
  const firstCallMs = performance.now() - first;
  const oneCardHeapKb = heapKb() - emptyKb;
  const largest = performance.now();
  price('openrouter', 'no-such-model');
  const largestCardMs = performance.now() - largest;
  const all = performance.now();
  for (const provider of ALL_PROVIDERS) price(provider, 'no-such-model');
  const allCardsMs = performance.now() - all + firstCallMs + largestCardMs;
  return {
    moduleMs,
    firstCallMs,
    largestCardMs,
    allCardsMs,
    oneCardHeapKb,
    allCardsHeapKb: heapKb() - emptyKb,
  };
}

function spawnLoad(): LoadSample {
  const script = fileURLToPath(import.meta.url);
  const child = spawnSync(process.execPath, ['--expose-gc', script, 'load'], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  if (child.status !== 0) throw new Error(child.stderr);
  return JSON.parse(child.stdout);
}

function printRow(name: string, value: number, unit: string, target?: number): void {
  const verdict =
    target === undefined ? '' : value <= target ? `target ${target}: met` : `target ${target}: MISSED`;
  console.log(
    `${name.padEnd(52)} ${value.toFixed(value < 10 ? 2 : 0).padStart(8)} ${unit.padEnd(3)} ${verdict}`,
  );
}

function main(): void {
  const { createPricer, priceUsage }: Pricing = require('@costspan/pricing');
  const plain = { inputTokens: 1_200, outputTokens: 300 };
  const cached = {
    inputTokens: 250_000,
    cacheReadInputTokens: 200_000,
    cacheWriteInputTokens: 3_000,
    cacheWriteByTtl: { '5m': 1_000, '1h': 2_000 },
    outputTokens: 900,
    reasoningOutputTokens: 400,
    toolRequests: { web_search: 1 },
  };
  const contracted = createPricer({ contract: { discounts: [{ provider: 'openai', percent: 12.5 }] } });
  const openai = { provider: 'openai', model: 'gpt-5.4', atMs: AT_MS };
  const batch = { ...openai, mode: 'batch', region: 'eu' } as const;
  const claude = { provider: 'anthropic', model: 'claude-sonnet-4-5-20250929', atMs: AT_MS };
  const unknown = { provider: 'openai', model: 'our-own-model', atMs: AT_MS };
  printRow(
    'priceUsage, remembered miss (lookup alone)',
    measureNs(() => priceUsage(plain, unknown)),
    'ns',
  );
  printRow(
    'priceUsage, plain',
    measureNs(() => priceUsage(plain, openai)),
    'ns',
    TARGETS.priceNs,
  );
  printRow(
    'priceUsage, cache split, tier and tool',
    measureNs(() => priceUsage(cached, claude)),
    'ns',
    TARGETS.priceNs,
  );
  printRow(
    'priceUsage, batch × region × discount',
    measureNs(() => contracted.price(plain, batch)),
    'ns',
    TARGETS.priceNs,
  );

  const loads = Array.from({ length: LOAD_SAMPLES }, spawnLoad);
  const of = (field: keyof LoadSample): number => median(loads.map((sample) => sample[field]));
  printRow('require of the package, no table', of('moduleMs'), 'ms');
  printRow('first priced call, OpenAI’s card', of('firstCallMs'), 'ms', TARGETS.loadMs);
  printRow('largest card, OpenRouter’s', of('largestCardMs'), 'ms', TARGETS.loadMs);
  // Nobody calls nineteen providers in one go: a number to watch, without a target.
  printRow('all nineteen cards', of('allCardsMs'), 'ms');
  printRow('heap of OpenAI’s card', of('oneCardHeapKb'), 'KB', TARGETS.heapKb);
  printRow('heap of all cards', of('allCardsHeapKb'), 'KB');
}

if (process.argv[2] === 'load') console.log(JSON.stringify(measureLoad()));
else main();
