import { loadCard, PROVIDER_CARDS } from './cards/table.js';
import { type Contract, findDiscount, findOverride } from './contract.js';
import type { UnpricedReason } from './cost.js';
import { type CardIndex, findModel, indexCard } from './match.js';
import type { Fraction, ModelCard, RateCard } from './rate-card.js';

/** What one (provider, model) means under a contract; the dates and tiers are still to be chosen. */
export interface Resolution {
  readonly card: RateCard;
  readonly model: ModelCard;
  readonly discount: Fraction;
  /** {@link ModelCard.rates} with their first day as milliseconds since the epoch. */
  readonly fromMs: readonly number[];
}

/** A card for models that exist in a contract's overrides alone. */
const CONTRACT_CARD: RateCard = {
  name: 'contract',
  source: 'contract',
  ids: { suffixes: [] },
  audioAsText: true,
  cacheWriteAsInput: true,
  models: [],
};

const indexes = new Map<string, CardIndex | undefined>();

/** Loads and indexes a card, once per process. */
function findIndex(name: string): CardIndex | undefined {
  if (indexes.has(name)) return indexes.get(name);
  const card = loadCard(name);
  const index = card === undefined ? undefined : indexCard(card);
  indexes.set(name, index);
  return index;
}

/** Finds the model that a call is billed as; the reason when there is none. */
export function resolveModel(
  contract: Contract,
  provider: string,
  asked: string,
): Resolution | UnpricedReason {
  const cards = Object.hasOwn(PROVIDER_CARDS, provider) ? PROVIDER_CARDS[provider] : undefined;
  const found = findInCards(cards, asked) ?? findInCards(cards, contract.models.get(asked));
  const override = findOverride(contract, provider, { asked, model: found?.model });
  if (override !== undefined) {
    return toResolution(found?.card ?? CONTRACT_CARD, override, [1, 1]);
  }
  if (cards === undefined) return 'unknown_provider';
  if (found === undefined) return 'unknown_model';
  if (found.model.rates.length === 0) return 'not_billed_per_token';
  return toResolution(
    found.card,
    found.model,
    findDiscount(contract, provider, { asked, id: found.model.id }),
  );
}

function findInCards(
  cards: readonly string[] | undefined,
  id: string | undefined,
): { card: RateCard; model: ModelCard } | undefined {
  if (cards === undefined || id === undefined) return undefined;
  for (const name of cards) {
    const index = findIndex(name);
    const model = index === undefined ? undefined : findModel(index, id);
    if (index !== undefined && model !== undefined) return { card: index.card, model };
  }
  return undefined;
}

function toResolution(card: RateCard, model: ModelCard, discount: Fraction): Resolution {
  const fromMs = model.rates.map(({ from }) =>
    from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(from),
  );
  return { card, model, discount, fromMs };
}

/** The longest id that any provider takes is an ARN of Bedrock's. */
const MAX_NAME_LENGTH = 2048;

function isName(name: unknown): boolean {
  return typeof name === 'string' && name.length <= MAX_NAME_LENGTH;
}

/**
 * Remembers resolutions, hits and misses alike: matching costs microseconds, a lookup a tenth of one.
 * Bounded by two generations: when the young one is full the old one goes, and what is still used moves up.
 * That keeps a stream of made-up model names from growing it, and a hit never writes.
 */
export class ResolutionCache {
  readonly #contract: Contract;
  readonly #generationSize: number;
  #young = new Map<string, Map<string, Resolution | UnpricedReason>>();
  #old = new Map<string, Map<string, Resolution | UnpricedReason>>();
  #youngSize = 0;

  constructor(contract: Contract, entries: number) {
    this.#contract = contract;
    this.#generationSize = Math.max(1, Math.floor(entries / 2));
  }

  find(provider: string, model: string): Resolution | UnpricedReason {
    // Names come from responses of strangers: what is not a sensible one is neither matched nor remembered.
    if (!isName(provider)) return 'unknown_provider';
    if (!isName(model)) return 'unknown_model';
    const hit = this.#young.get(provider)?.get(model);
    if (hit !== undefined) return hit;
    const resolution = this.#old.get(provider)?.get(model) ?? resolveModel(this.#contract, provider, model);
    this.#keep(provider, model, resolution);
    return resolution;
  }

  #keep(provider: string, model: string, resolution: Resolution | UnpricedReason): void {
    if (this.#youngSize >= this.#generationSize) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngSize = 0;
    }
    let models = this.#young.get(provider);
    if (models === undefined) {
      models = new Map();
      this.#young.set(provider, models);
    }
    models.set(model, resolution);
    this.#youngSize += 1;
  }
}
