import type { CardSource } from './card-source.js';
import { type Contract, findDiscount, findOverride } from './contract.js';
import type { UnpricedReason } from './cost.js';
import { findModel, type MatchRank } from './match.js';
import type { Fraction, ModelCard, RateCard } from './rate-card.js';

/** What one (provider, model) means under a contract; the dates and tiers are still to be chosen. */
export interface Resolution {
  readonly card: RateCard;
  readonly model: ModelCard;
  /** Whose tools come before those of the card, where that is another's. */
  readonly seller?: RateCard | undefined;
  /** How the model was found. */
  readonly rank: MatchRank;
  readonly discount: Fraction;
  /** {@link ModelCard.rates} with their first day as milliseconds since the epoch. */
  readonly fromMs: readonly number[];
  /** The same at list rates; absent where the contract has no rates of its own for the model. */
  readonly list?: Resolution;
}

/** What resolving looks at. */
export interface ResolveOptions {
  readonly contract: Contract;
  readonly source: CardSource;
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

interface Found {
  readonly card: RateCard;
  readonly seller?: RateCard | undefined;
  readonly model: ModelCard;
  readonly rank: MatchRank;
}

/** Finds the model that a call is billed as; the reason when there is none. */
function resolveModel(
  { contract, source }: ResolveOptions,
  provider: string,
  asked: string,
): Resolution | UnpricedReason {
  const cards = source.findCardNames(provider);
  const found = findInCards(source, cards, asked) ?? findDeployed(source, cards, contract.models.get(asked));
  const override = findOverride(contract, provider, { asked, model: found?.model });
  if (override !== undefined) {
    const own = { card: CONTRACT_CARD, rank: 'exact' as const, ...found, model: override };
    return found === undefined || found.model.rates.length === 0
      ? toResolution(own)
      : { ...toResolution(own), list: toResolution(found) };
  }
  if (cards === undefined) return 'unknown_provider';
  if (cards.length === 0) return 'not_billed_per_token';
  if (isCommitment(source, cards, asked)) return 'commitment';
  if (found === undefined) return 'unknown_model';
  if (found.model.rates.length === 0) return 'not_billed_per_token';
  const discount = findDiscount(contract, provider, { asked, id: found.model.id });
  const list = toResolution(found);
  return discount[0] === discount[1] ? list : { ...list, discount };
}

const findSeller = (source: CardSource, cards: readonly string[], maker: string): RateCard | undefined =>
  cards.length === 1
    ? undefined
    : cards.map((name) => source.findIndex(name)?.card).find((card) => card?.sellsToolsWith?.includes(maker));

function findInCards(
  source: CardSource,
  cards: readonly string[] | undefined,
  id: string | undefined,
): Found | undefined {
  if (cards === undefined || id === undefined) return undefined;
  for (const name of cards) {
    const index = source.findIndex(name);
    const match = index === undefined ? undefined : findModel(index, id);
    if (index !== undefined && match !== undefined)
      return { card: index.card, seller: findSeller(source, cards, name), ...match };
  }
  return undefined;
}

/** The contract's own name for a model comes last: what the table knows is what it says. */
function findDeployed(
  source: CardSource,
  cards: readonly string[] | undefined,
  id: string | undefined,
): Found | undefined {
  const found = findInCards(source, cards, id);
  return found === undefined ? undefined : { ...found, rank: 'deployment' };
}

function isCommitment(source: CardSource, cards: readonly string[], asked: string): boolean {
  return cards.some((name) =>
    source.findIndex(name)?.card.commitmentIds?.some((pattern) => new RegExp(pattern).test(asked)),
  );
}

function toResolution({ card, seller, model, rank }: Found): Resolution {
  const fromMs = model.rates.map(({ from }) =>
    from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(from),
  );
  return { card, seller, model, rank, discount: [1, 1], fromMs };
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
  /** Version of the table that it resolves with. */
  readonly version: string;
  readonly #options: ResolveOptions;
  readonly #generationSize: number;
  #young = new Map<string, Map<string, Resolution | UnpricedReason>>();
  #old = new Map<string, Map<string, Resolution | UnpricedReason>>();
  #youngSize = 0;

  constructor({ contract, source, entries }: ResolveOptions & { readonly entries: number }) {
    this.version = source.version;
    this.#options = { contract, source };
    this.#generationSize = Math.max(1, Math.floor(entries / 2));
  }

  find(provider: string, model: string): Resolution | UnpricedReason {
    // Names come from responses of strangers: what is not a sensible one is neither matched nor remembered.
    if (!isName(provider)) return 'unknown_provider';
    if (!isName(model)) return 'unknown_model';
    const hit = this.#young.get(provider)?.get(model);
    if (hit !== undefined) return hit;
    const resolution = this.#old.get(provider)?.get(model) ?? resolveModel(this.#options, provider, model);
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
