import type { Cost, ModelCard, PriceQuery, Pricer, PriceTable, Usage } from '@costspan/pricing';
import { picoUsdToUsdText } from '@costspan/pricing';
import { findFirstCard, listPricedProviders } from '@costspan/pricing/table';
import { PROVIDER } from '@costspan/semconv';
import { renderColumns } from './table-text.js';

/** One model and what the call would cost there. */
export interface RankedModel {
  readonly provider: string;
  readonly model: string;
  readonly cost: Cost;
}

/** What is ranked. */
export interface Ranking {
  readonly usage: Usage;
  readonly query: PriceQuery;
  readonly table: PriceTable | undefined;
  /** Only models of this provider. */
  readonly provider: string | undefined;
}

/** Second names of a provider whose models are already in the list, and the reseller of everybody's. */
const NOT_RANKED: readonly string[] = [PROVIDER.AZURE_AI_INFERENCE, 'gcp.gen_ai', PROVIDER.OPENROUTER];
/** Models that take tokens and do something else with them than to answer. */
const OTHER_KIND =
  /embed|(^|\/)(bge|gte|e5)-|rerank|moderation|guard|tts|transcribe|whisper|realtime|live|voice|audio|image|ocr|^ft:/i;

/** The models that have a whole price for the call, the cheapest first. */
export function rankModels(pricer: Pricer, ranking: Ranking): RankedModel[] {
  const providers =
    ranking.provider === undefined
      ? listPricedProviders(ranking.table).filter((name) => !NOT_RANKED.includes(name))
      : [ranking.provider];
  const ranked = providers.flatMap((provider) =>
    (findFirstCard(provider, ranking.table)?.models ?? [])
      .filter((model) => couldServe(model, ranking.usage) || isAsked(ranking, provider, model))
      .flatMap((model): RankedModel[] => {
        const cost = pricer.price(ranking.usage, { ...ranking.query, provider, model: model.id });
        if (cost.status === 'unpriced' || cost.status === 'partial') return [];
        // What is free is a trial, not a price to plan with.
        return cost.amountPicoUsd === 0 ? [] : [{ provider, model: model.id, cost }];
      }),
  );
  return ranked.sort(
    (a, b) => a.cost.amountPicoUsd - b.cost.amountPicoUsd || a.model.localeCompare(b.model, 'en'),
  );
}

function couldServe({ id, rates, contextWindow }: ModelCard, usage: Usage): boolean {
  const newest = rates.at(-1)?.rates;
  const tokens = (usage.inputTokens ?? 0) + (usage.outputTokens ?? 0);
  return (
    !OTHER_KIND.test(id) &&
    (usage.units !== undefined || (newest?.input !== undefined && newest.output !== undefined)) &&
    (contextWindow === undefined || tokens <= contextWindow)
  );
}

const isAsked = ({ query }: Ranking, provider: string, { id }: ModelCard): boolean =>
  provider === query.provider && id === query.model;

/** The ranking as text: the first `top` and the model that was asked for. */
export function renderRanking(ranked: readonly RankedModel[], { query }: Ranking, top: number): string {
  const asked = ranked.findIndex((entry) => entry.provider === query.provider && entry.model === query.model);
  const base = ranked[asked]?.cost.amountPicoUsd;
  const shown = ranked
    .map((entry, index) => ({ entry, index }))
    .filter(({ index }) => index < top || index === asked);
  const rankWidth = String((shown.at(-1)?.index ?? 0) + 1).length;
  const rows = shown.map(({ entry: { provider, model, cost }, index }) => [
    `${index === asked ? '*' : ' '} ${String(index + 1).padStart(rankWidth)}. ${model} (${provider})`,
    picoUsdToUsdText(BigInt(cost.amountPicoUsd)),
    base === undefined ? '' : `× ${(cost.amountPicoUsd / base).toFixed(2)}`,
    cost.status === 'priced' ? '' : `${cost.status}: ${cost.reason ?? 'unknown'}`,
  ]);
  const left = ranked.length - shown.length;
  return [
    `USD of the same token counts with ${ranked.length} models (each counts the same text in its own tokens)`,
    ...renderColumns(rows),
    ...(left > 0 ? [`  … ${left} more: --top ${ranked.length}`] : []),
    '',
  ].join('\n');
}
