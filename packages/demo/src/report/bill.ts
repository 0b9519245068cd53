import { type BilledReply, type JsonObject, readNumber, readObject } from '@costspan/testkit';

/**
 * The providers' list prices of the six models used here, written down once more by hand in whole pico-USD per token
 * (1 USD per million tokens is 1 000 000 pico-USD per token). Shares nothing with the product that it checks.
 */
const listPrices: Readonly<Record<string, ListPrice>> = {
  'gpt-4o-mini': { input: 150_000n, cacheRead: 75_000n, output: 600_000n },
  'gpt-4.1': { input: 2_000_000n, cacheRead: 500_000n, output: 8_000_000n },
  'gpt-5-mini': { input: 250_000n, cacheRead: 25_000n, output: 2_000_000n },
  'text-embedding-3-small': { input: 20_000n },
  'claude-sonnet-4-6': {
    input: 3_000_000n,
    cacheRead: 300_000n,
    cacheWrite5m: 3_750_000n,
    output: 15_000_000n,
  },
  'claude-haiku-4-5': {
    input: 1_000_000n,
    cacheRead: 100_000n,
    cacheWrite5m: 1_250_000n,
    output: 5_000_000n,
  },
};

interface ListPrice {
  readonly input: bigint;
  readonly output?: bigint;
  readonly cacheRead?: bigint;
  readonly cacheWrite5m?: bigint;
}

/** The sum over the provider's log, and what the log says beside it. */
export interface Bill {
  readonly totalPicoUsd: bigint;
  /** Calls an application made: retries of a call are not further calls. */
  readonly calls: number;
  /** Attempts that the provider refused. */
  readonly errors: number;
  /** Streams that ended early; they are in the sum with the usage that was known until then. */
  readonly cutStreams: number;
}

/** Adds up what the provider told its clients they used. @throws on a model or unit that has no price here. */
export function sumBill(log: readonly BilledReply[]): Bill {
  let totalPicoUsd = 0n;
  for (const { model, usageSent, endpoint } of log) {
    // A stored response that is fetched again says its usage again, but it is billed once.
    if (usageSent !== undefined && endpoint !== 'responses.retrieve') totalPicoUsd += price(model, usageSent);
  }
  return {
    totalPicoUsd,
    calls: log.filter(({ attempt, endpoint }) => attempt === 1 && endpoint !== 'responses.retrieve').length,
    errors: log.filter(({ status }) => status >= 400).length,
    cutStreams: log.filter(({ delivery }) => delivery === 'cut').length,
  };
}

function price(model: string | undefined, usage: JsonObject): bigint {
  const name = (model ?? '').replace(/-(\d{8}|\d{4}-\d{2}-\d{2})$/, '');
  const rate = listPrices[name];
  if (rate === undefined) throw new Error(`the demo's price list has no model ${name}`);
  const charge = (field: string, tokens: bigint, unit: bigint | undefined): bigint => {
    if (tokens === 0n) return 0n;
    if (unit === undefined) throw new Error(`the demo's price list has no ${field} of ${name}`);
    return tokens * unit;
  };
  if (readNumber(usage.prompt_tokens ?? usage.total_tokens) !== undefined) {
    // OpenAI's dialects: cached input is contained in the input.
    const read = count(readObject(usage.prompt_tokens_details ?? usage.input_tokens_details).cached_tokens);
    const input = count(usage.prompt_tokens ?? usage.input_tokens);
    const output = count(usage.completion_tokens ?? usage.output_tokens);
    return (
      charge('input', input - read, rate.input) +
      charge('cached input', read, rate.cacheRead) +
      charge('output', output, rate.output)
    );
  }
  const split = readObject(usage.cache_creation);
  return (
    charge('input', count(usage.input_tokens), rate.input) +
    charge('cache read', count(usage.cache_read_input_tokens), rate.cacheRead) +
    charge('5 minute cache write', count(split.ephemeral_5m_input_tokens), rate.cacheWrite5m) +
    charge('1 hour cache write', count(split.ephemeral_1h_input_tokens), undefined) +
    charge('output', count(usage.output_tokens), rate.output)
  );
}

function count(value: unknown): bigint {
  return BigInt(readNumber(value) ?? 0);
}
