import type { BilledUnit } from '@costspan/semconv';
import { scalePicoUsd } from './money.js';
import { readOwn } from './own-entry.js';
import type { DatedRates, RateCard, Rates } from './rate-card.js';
import type { CacheTtl, Usage } from './usage.js';

/** Parts before any multiplier, whole pico-USD, and what is wrong with them. */
export interface RawParts {
  input: number;
  cacheRead: number;
  cacheWrite: number;
  output: number;
  tools: number;
  /** What reads and writes would have cost as plain input. */
  cachedAsInput: number;
  /** A count that is not reported or a finer rate that is missing. */
  estimated: string | undefined;
  /** A unit without any price. */
  partial: string | undefined;
}

const CACHE_WRITE_RATE = {
  '5m': 'cacheWrite5m',
  '30m': 'cacheWrite30m',
  '1h': 'cacheWrite1h',
  '12h': 'cacheWrite12h',
} as const satisfies Record<CacheTtl, keyof Rates>;

/** Tokens × rates. Uncached input is input less reads and writes; cached audio and image tokens leave their modality. */
export function computeTokenParts(usage: Usage, rates: Rates, card: RateCard): RawParts {
  const parts: RawParts = {
    input: 0,
    cacheRead: 0,
    cacheWrite: 0,
    output: 0,
    tools: 0,
    cachedAsInput: 0,
    estimated: undefined,
    partial: undefined,
  };
  addInput(parts, usage, rates, card);
  addCacheRead(parts, usage, rates, card);
  addCacheWrite(parts, usage, rates, card);
  addOutput(parts, usage, rates, card);
  return parts;
}

function addInput(parts: RawParts, usage: Usage, rates: Rates, card: RateCard): void {
  const { inputTokens, input, cacheRead } = usage;
  if (inputTokens === undefined) {
    // A model without an input rate, speech by the character, has no input tokens to miss.
    if (rates.input !== undefined && rates.input > 0) parts.estimated ??= 'input_tokens_missing';
    return;
  }
  const cached = (usage.cacheReadInputTokens ?? 0) + writtenTokens(usage);
  const uncached = inputTokens - cached;
  if (uncached === 0) return;
  if (rates.input === undefined) {
    parts.partial ??= 'input_rate_missing';
    return;
  }
  // Where the split of the reads is not reported, text is taken to have been cached first.
  const audio = Math.min(Math.max((input?.audio ?? 0) - (cacheRead?.audio ?? 0), 0), uncached);
  const image = Math.min(Math.max((input?.image ?? 0) - (cacheRead?.image ?? 0), 0), uncached - audio);
  const video = Math.min(input?.video ?? 0, uncached - audio - image);
  parts.input =
    (uncached - audio - image - video) * rates.input +
    audio * (rates.inputAudio ?? rates.input) +
    image * (rates.inputImage ?? rates.input) +
    video * (rates.inputVideo ?? rates.input);
  if (audio > 0 && rates.inputAudio === undefined && !card.audioAsText)
    parts.estimated ??= 'audio_rate_missing';
  const hasOwnRate =
    (audio > 0 && rates.inputAudio !== undefined) || (image > 0 && rates.inputImage !== undefined);
  if (hasOwnRate && cached > 0 && cacheRead === undefined) parts.estimated ??= 'cached_modalities_missing';
}

function addCacheRead(parts: RawParts, usage: Usage, rates: Rates, card: RateCard): void {
  const tokens = usage.cacheReadInputTokens ?? 0;
  if (tokens === 0) return;
  const base = rates.cacheRead ?? rates.input;
  if (base === undefined) {
    parts.partial ??= 'cache_read_rate_missing';
    return;
  }
  if (rates.cacheRead === undefined) parts.estimated ??= 'cache_read_rate_missing';
  const audio = usage.cacheRead?.audio ?? 0;
  const image = usage.cacheRead?.image ?? 0;
  if (audio > 0 && rates.cacheReadAudio === undefined && !card.audioAsText)
    parts.estimated ??= 'audio_rate_missing';
  const text = tokens - audio - image;
  parts.cacheRead =
    text * base + audio * (rates.cacheReadAudio ?? base) + image * (rates.cacheReadImage ?? base);
  const input = rates.input ?? base;
  parts.cachedAsInput +=
    text * input + audio * (rates.inputAudio ?? input) + image * (rates.inputImage ?? input);
}

/** Written tokens; the split's sum where the total is not reported. */
function writtenTokens(usage: Usage): number {
  if (usage.cacheWriteInputTokens !== undefined) return usage.cacheWriteInputTokens;
  let sum = 0;
  for (const ttl in usage.cacheWriteByTtl) sum += usage.cacheWriteByTtl[ttl as CacheTtl] ?? 0;
  return sum;
}

function addCacheWrite(parts: RawParts, usage: Usage, rates: Rates, card: RateCard): void {
  const tokens = writtenTokens(usage);
  if (tokens === 0) return;
  const fallback = rates.cacheWrite ?? rates.input;
  if (fallback === undefined) {
    parts.partial ??= 'cache_write_rate_missing';
    return;
  }
  if (rates.cacheWrite === undefined && !card.cacheWriteAsInput)
    parts.estimated ??= 'cache_write_rate_missing';
  let unsplit = tokens;
  for (const ttl in usage.cacheWriteByTtl) {
    const split = usage.cacheWriteByTtl[ttl as CacheTtl] ?? 0;
    if (split === 0 || ttl === card.cacheWriteTtl) continue;
    unsplit -= split;
    const rate = rates[CACHE_WRITE_RATE[ttl as CacheTtl]];
    parts.estimated ??= card.estimatedTtls?.[ttl as CacheTtl];
    if (rate === undefined && !(card.cacheWriteAsInput && rates.cacheWrite === undefined)) {
      parts.estimated ??= 'cache_write_ttl_rate_missing';
    }
    parts.cacheWrite += split * (rate ?? fallback);
  }
  parts.cacheWrite += unsplit * fallback;
  parts.cachedAsInput += tokens * (rates.input ?? fallback);
}

function addOutput(parts: RawParts, usage: Usage, rates: Rates, card: RateCard): void {
  const { outputTokens, output } = usage;
  if (outputTokens === undefined) {
    // A model without an output rate, an embedding, has no output to miss.
    if (rates.output !== undefined && rates.output > 0) parts.estimated ??= 'output_tokens_missing';
    return;
  }
  if (outputTokens === 0) return;
  if (rates.output === undefined) {
    parts.partial ??= 'output_rate_missing';
    return;
  }
  const audio = output?.audio ?? 0;
  const image = output?.image ?? 0;
  if (audio > 0 && rates.outputAudio === undefined && !card.audioAsText)
    parts.estimated ??= 'audio_rate_missing';
  const video = output?.video ?? 0;
  const text = outputTokens - audio - image - video;
  const reasoning =
    rates.outputReasoning === undefined ? 0 : Math.min(usage.reasoningOutputTokens ?? 0, text);
  parts.output =
    (text - reasoning) * rates.output +
    reasoning * (rates.outputReasoning ?? 0) +
    audio * (rates.outputAudio ?? rates.output) +
    image * (rates.outputImage ?? rates.output) +
    video * (rates.outputVideo ?? rates.output);
}

/** Billed units × their rates, each rounded half up to whole pico-USD; a unit without a rate makes the cost partial. */
export function addUnitParts(parts: RawParts, usage: Usage, rates: DatedRates['units']): void {
  const { units, unitVariant } = usage;
  for (const unit in units) {
    const quantity = units[unit as BilledUnit] ?? 0;
    if (quantity === 0) continue;
    const rate =
      (unitVariant === undefined ? undefined : readOwn(rates, `${unit} ${unitVariant}`)) ??
      readOwn(rates, unit);
    if (rate === undefined) {
      parts.partial ??= 'unit_rate_missing';
      continue;
    }
    const picoUsd = scalePicoUsd(rate.picoUsd, Math.max(quantity, rate.minimum ?? 0), rate.per ?? 1);
    if (unit.startsWith('output_')) parts.output += picoUsd;
    else parts.input += picoUsd;
  }
}

/** Fees per request and per tool request; a tool without a fee in the table makes the cost partial. */
export function addToolParts(
  parts: RawParts,
  toolRequests: Usage['toolRequests'],
  fees: {
    readonly request: number | undefined;
    readonly ofModel: RateCard['tools'];
    readonly card: Pick<RateCard, 'tools' | 'estimatedTools'>;
    readonly seller: RateCard | undefined;
  },
): void {
  parts.tools = fees.request ?? 0;
  for (const tool in toolRequests) {
    const count = toolRequests[tool] ?? 0;
    if (count === 0) continue;
    const own = readOwn(fees.ofModel, tool);
    const sold = readOwn(fees.seller?.tools, tool);
    const fee = own ?? sold ?? readOwn(fees.card.tools, tool);
    const { estimatedTools } = (own === undefined && sold !== undefined && fees.seller) || fees.card;
    if (fee === undefined) parts.partial ??= 'tool_rate_missing';
    else parts.tools += count * fee;
    if (fee !== undefined) parts.estimated ??= readOwn(estimatedTools, tool);
  }
}
