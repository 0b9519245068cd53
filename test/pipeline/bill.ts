/** What the provider would put on its bill, by hand: it shares nothing with the product. */
import { type BilledReply, readNumber, readObject } from '@costspan/testkit';

/** List prices, USD a million tokens. */
const PRICES: Readonly<Record<string, { input: number; cached: number; output: number }>> = {
  'gpt-4o-mini': { input: 0.15, cached: 0.075, output: 0.6 },
  'claude-haiku-4-5': { input: 1, cached: 0.1, output: 5 },
  'claude-sonnet-4-5': { input: 3, cached: 0.3, output: 15 },
  'text-embedding-3-small': { input: 0.02, cached: 0.02, output: 0 },
};

/** USD of one reply. */
export function billUsd({ requestModel, usage }: BilledReply): number {
  const price = PRICES[requestModel]!;
  const input = readNumber(usage?.prompt_tokens ?? usage?.input_tokens) ?? 0;
  const cached = readNumber(readObject(usage?.prompt_tokens_details).cached_tokens) ?? 0;
  const output = readNumber(usage?.completion_tokens ?? usage?.output_tokens) ?? 0;
  return ((input - cached) * price.input + cached * price.cached + output * price.output) / 1e6;
}
