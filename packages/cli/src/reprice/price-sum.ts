import type { Cost, PriceQuery, Pricer, Usage } from '@costspan/pricing';

/** Tokens of many calls, as a partition. */
export interface TokenSums {
  readonly calls: number;
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly output: number;
  readonly reasoning: number;
}

/** What many calls cost together, pico-USD. */
export interface SumCost {
  readonly costPicoUsd: bigint;
  readonly listPicoUsd: bigint;
  /** Why it is not exact, when it is not. */
  readonly reason?: string;
}

/** One call has a limit of money, so sums are priced in pieces of so many tokens; a price is linear in them. */
const PIECE_TOKENS = 1_000_000;

/**
 * Prices the tokens of many calls as calls of their average size would be; a text says why that is not possible. What
 * sums do not keep is not in it: fees of tools, audio, writes for an hour, and single calls with a long context.
 */
export function priceSum(pricer: Pricer, sums: TokenSums, query: PriceQuery): SumCost | string {
  const contextInputTokens = Math.ceil(
    (sums.input + sums.cacheRead + sums.cacheWrite) / Math.max(1, sums.calls),
  );
  const parts: readonly (readonly [tokens: number, usage: (tokens: number) => Usage])[] = [
    [sums.input, (inputTokens) => ({ inputTokens, outputTokens: 0 })],
    [sums.cacheRead, (tokens) => ({ inputTokens: tokens, cacheReadInputTokens: tokens, outputTokens: 0 })],
    [sums.cacheWrite, (tokens) => ({ inputTokens: tokens, cacheWriteInputTokens: tokens, outputTokens: 0 })],
    [sums.output, (outputTokens) => ({ inputTokens: 0, outputTokens })],
    [sums.reasoning, (tokens) => ({ inputTokens: 0, outputTokens: tokens, reasoningOutputTokens: tokens })],
  ];
  let costPicoUsd = 0n;
  let listPicoUsd = 0n;
  let reason: string | undefined;
  for (const [tokens, toUsage] of parts) {
    if (tokens <= 0) continue;
    const pieces = BigInt(Math.floor(tokens / PIECE_TOKENS));
    for (const [size, times] of [
      [PIECE_TOKENS, pieces],
      [tokens % PIECE_TOKENS, 1n],
    ] as const) {
      if (size === 0 || times === 0n) continue;
      const cost = pricer.price({ ...toUsage(size), contextInputTokens }, query);
      if (cost.status === 'unpriced') return cost.reason;
      costPicoUsd += BigInt(cost.amountPicoUsd) * times;
      listPicoUsd += BigInt(readList(cost)) * times;
      if (cost.status !== 'priced') reason ??= cost.reason;
    }
  }
  return { costPicoUsd, listPicoUsd, ...(reason === undefined ? {} : { reason }) };
}

const readList = ({ listAmountPicoUsd, amountPicoUsd }: Cost): number => listAmountPicoUsd ?? amountPicoUsd;
