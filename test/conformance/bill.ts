/**
 * What the provider's own log says a reply used and what that costs at list price: written a second time, by hand, so
 * that it shares nothing with the product it checks.
 */
import { type JsonObject, readNumber, readObject } from '@costspan/testkit';

interface ListPrice {
  readonly input: bigint;
  readonly cacheRead?: bigint;
  readonly cacheWrite5m?: bigint;
  readonly cacheWrite1h?: bigint;
  readonly output?: bigint;
  readonly audioInput?: bigint;
  readonly imageInput?: bigint;
  readonly imageOutput?: bigint;
  /** Of what is billed by something else than tokens. */
  readonly image?: bigint;
  readonly audioMs?: bigint;
  readonly character?: bigint;
}

/** Whole pico-USD per token: 1 USD per million tokens is 1 000 000. Source: the providers' price pages. */
const LIST_PRICES: Readonly<Record<string, ListPrice>> = {
  'gpt-4o-mini-2024-07-18': { input: 150_000n, cacheRead: 75_000n, output: 600_000n },
  'gpt-3.5-turbo-instruct': { input: 1_500_000n, output: 2_000_000n },
  'text-embedding-3-small': { input: 20_000n },
  'gpt-image-1.5': {
    input: 5_000_000n,
    imageInput: 8_000_000n,
    output: 10_000_000n,
    imageOutput: 32_000_000n,
  },
  'dall-e-2': { input: 0n, image: 20_000_000_000n },
  'gpt-4o-mini-transcribe': { input: 1_250_000n, audioInput: 3_000_000n, output: 5_000_000n },
  'whisper-1': { input: 0n, audioMs: 100_000n },
  'tts-1': { input: 0n, character: 15_000_000n },
  'openai/gpt-oss-20b': { input: 75_000n, cacheRead: 37_500n, output: 300_000n },
  'meta-llama/Llama-3.3-70B-Instruct-Turbo': { input: 880_000n, output: 880_000n },
  'gpt-oss-120b': { input: 350_000n, output: 750_000n },
  'claude-haiku-4-5-20251001': {
    input: 1_000_000n,
    cacheRead: 100_000n,
    cacheWrite5m: 1_250_000n,
    cacheWrite1h: 2_000_000n,
    output: 5_000_000n,
  },
};

/** Counts in the conventions' meaning: input holds what was read from and written to caches. */
export interface Counts {
  readonly input: number;
  readonly output?: number;
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
  readonly cacheWrite1h?: number;
  readonly reasoning?: number;
  readonly audioInput?: number;
  readonly imageInput?: number;
  readonly imageOutput?: number;
  readonly images?: number;
  readonly audioMs?: number;
  readonly characters?: number;
  /** What the provider says it charged. */
  readonly chargedUsd?: number;
}

/** Reads a provider's usage object, whichever of the three dialects. */
export function readCounts(usage: JsonObject): Counts {
  if ('cache_creation' in usage || 'cache_creation_input_tokens' in usage) return readAnthropicCounts(usage);
  if ('images' in usage || 'seconds' in usage || 'characters' in usage) return readUnitCounts(usage);
  if ('input_token_details' in usage || 'image_tokens' in readObject(usage.output_tokens_details))
    return readMediaCounts(usage);
  const inputDetails = readObject(usage.prompt_tokens_details ?? usage.input_tokens_details);
  const outputDetails = readObject(usage.completion_tokens_details ?? usage.output_tokens_details);
  const output = readNumber(usage.completion_tokens ?? usage.output_tokens);
  const reasoning = readNumber(outputDetails.reasoning_tokens);
  const cacheRead = readNumber(inputDetails.cached_tokens);
  // Perplexity itemises what it charged.
  const chargedUsd = readNumber(usage.cost) ?? readNumber(readObject(usage.cost).total_cost);
  return {
    input: readNumber(usage.prompt_tokens ?? usage.input_tokens) ?? 0,
    ...(output === undefined ? {} : { output }),
    ...(cacheRead === undefined ? {} : { cacheRead }),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(chargedUsd === undefined ? {} : { chargedUsd }),
  };
}

function readUnitCounts({ images, seconds, characters }: JsonObject): Counts {
  return {
    input: 0,
    images: readNumber(images) ?? 0,
    audioMs: Math.round((readNumber(seconds) ?? 0) * 1_000),
    characters: readNumber(characters) ?? 0,
  };
}

function readMediaCounts(usage: JsonObject): Counts {
  const inputDetails = readObject(usage.input_tokens_details ?? usage.input_token_details);
  return {
    input: readNumber(usage.input_tokens) ?? 0,
    output: readNumber(usage.output_tokens) ?? 0,
    audioInput: readNumber(inputDetails.audio_tokens) ?? 0,
    imageInput: readNumber(inputDetails.image_tokens) ?? 0,
    imageOutput: readNumber(readObject(usage.output_tokens_details).image_tokens) ?? 0,
  };
}

function readAnthropicCounts(usage: JsonObject): Counts {
  const cacheRead = readNumber(usage.cache_read_input_tokens) ?? 0;
  const cacheWrite = readNumber(usage.cache_creation_input_tokens) ?? 0;
  return {
    input: (readNumber(usage.input_tokens) ?? 0) + cacheRead + cacheWrite,
    output: readNumber(usage.output_tokens) ?? 0,
    cacheRead,
    cacheWrite,
    cacheWrite1h: readNumber(readObject(usage.cache_creation).ephemeral_1h_input_tokens) ?? 0,
  };
}

/** USD at list price. `discount` divides it: 2 for flex and batch. @throws where a count has no price here. */
export function priceCounts(model: string, counts: Counts, discount = 1n): number {
  if (counts.chargedUsd !== undefined) return counts.chargedUsd;
  const rate = LIST_PRICES[model];
  if (rate === undefined) throw new Error(`no list price of ${model}`);
  const charge = (tokens: number, unit: bigint | undefined): bigint => {
    if (tokens === 0) return 0n;
    if (unit === undefined) throw new Error(`${model} has no price for ${JSON.stringify(counts)}`);
    return BigInt(tokens) * unit;
  };
  const { input, output = 0, cacheRead = 0, cacheWrite = 0, cacheWrite1h = 0 } = counts;
  const { audioInput = 0, imageInput = 0, imageOutput = 0, images = 0, audioMs = 0, characters = 0 } = counts;
  const picoUsd =
    charge(images, rate.image) +
    charge(audioMs, rate.audioMs) +
    charge(characters, rate.character) +
    charge(audioInput, rate.audioInput) +
    charge(imageInput, rate.imageInput) +
    charge(imageOutput, rate.imageOutput) +
    charge(input - cacheRead - cacheWrite - audioInput - imageInput, rate.input) +
    charge(cacheRead, rate.cacheRead) +
    charge(cacheWrite - cacheWrite1h, rate.cacheWrite5m) +
    charge(cacheWrite1h, rate.cacheWrite1h) +
    charge(output - imageOutput, rate.output);
  return Number(picoUsd / discount) / 1e12;
}
