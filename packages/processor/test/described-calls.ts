import { readCallRecord, type SpanView } from '@costspan/aggregate';
import { DEFAULT_CONFIG } from '@costspan/config';
import { createConfiguredPricer } from '../src/pricer.ts';
import { translateSpan } from '../src/receive/dialects.ts';

export const { price } = createConfiguredPricer(DEFAULT_CONFIG);
/** `openai gpt-5-mini-2025-08-07 chat 600/400/0/150/50 $0.00056`: uncached, read, written, visible, reasoning. */
export const describeCall = (span: SpanView): string | undefined => describeTranslated(translateSpan(span));

export function describeTranslated(span: SpanView): string | undefined {
  const call = readCallRecord(span, { price });
  if (call === undefined) return undefined;
  const { provider, model, operation, tokens, costPicoUsd, unpricedReason } = call;
  const { input, cacheRead, cacheWrite, output, reasoning } = tokens ?? {};
  const counts = tokens && [input, cacheRead, cacheWrite, output, reasoning].join('/');
  const cost = costPicoUsd === undefined ? unpricedReason : `$${costPicoUsd / 1e12}`;
  return [provider, model, operation, counts, cost].filter((part) => part !== undefined).join(' ');
}
