import { DIALECT_ATTR, INSTRUMENTATION_SCOPE } from '@costspan/semconv';
import type { TokenPartition } from '../records.js';
import { readNumber } from './attribute.js';
import type { SpanView } from './span.js';

/** Calls that one kept span may stand for; a rate beyond it is no rate that anybody samples by. */
const MAX_SAMPLE_COUNT = 1_000_000;
/** Digits of a threshold: 56 bits. */
const THRESHOLD_DIGITS = 14;

/**
 * How many calls a span stands for whose trace was kept at its head with some probability: by OpenTelemetry's
 * `tracestate` (`ot=th:…`, the threshold below which traces were dropped), else by what its sampler wrote on it.
 * Costspan's own spans are never sampled away, so each stands for itself.
 */
export function readSampleCount({ traceState, scopeName, attributes }: SpanView): number {
  if (scopeName === INSTRUMENTATION_SCOPE) return 1;
  const probability = readThreshold(traceState) ?? readNumber(attributes[DIALECT_ATTR.SAMPLING_PROBABILITY]);
  const count =
    probability === undefined ? readNumber(attributes[DIALECT_ATTR.SAMPLE_RATE]) : 1 / probability;
  return count !== undefined && count >= 1 && count <= MAX_SAMPLE_COUNT ? count : 1;
}

/** Probability that a trace was kept; undefined where nothing says so. */
function readThreshold(traceState: string | undefined): number | undefined {
  if (traceState === undefined) return undefined;
  const digits = /(?:^|,)\s*ot=(?:[^,]*;)?th:([0-9a-f]{1,14})(?=[;,\s]|$)/.exec(traceState)?.[1];
  if (digits === undefined) return undefined;
  return 1 - Number.parseInt(digits.padEnd(THRESHOLD_DIGITS, '0'), 16) / 16 ** THRESHOLD_DIGITS;
}

/** The tokens of all the calls that one stands for. */
export function scaleTokens(tokens: TokenPartition | undefined, count: number): TokenPartition | undefined {
  if (tokens === undefined || count === 1) return tokens;
  const { input, cacheRead, cacheWrite, output, reasoning } = tokens;
  return {
    input: Math.round(input * count),
    cacheRead: Math.round(cacheRead * count),
    cacheWrite: Math.round(cacheWrite * count),
    output: Math.round(output * count),
    reasoning: Math.round(reasoning * count),
  };
}
