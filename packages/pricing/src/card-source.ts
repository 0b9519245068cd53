import { loadCard, PROVIDER_CARDS } from './cards/table.js';
import { type CardIndex, indexCard } from './match.js';
import { readOwn } from './own-entry.js';
import type { PriceTable } from './rate-card.js';
import { PRICE_TABLE_VERSION } from './version.gen.js';

/** Where a pricer finds its cards. */
export interface CardSource {
  readonly version: string;
  /** Names of the cards of a provider, in the order in which they are looked at; undefined for an unknown provider. */
  findCardNames(provider: string): readonly string[] | undefined;
  findIndex(name: string): CardIndex | undefined;
}

const builtIn = new Map<string, CardIndex | undefined>();

/** Loads and indexes a built-in card, once per process. */
function findBuiltIn(name: string): CardIndex | undefined {
  if (builtIn.has(name)) return builtIn.get(name);
  const card = loadCard(name);
  const index = card === undefined ? undefined : indexCard(card);
  builtIn.set(name, index);
  return index;
}

const BUILT_IN: CardSource = {
  version: PRICE_TABLE_VERSION,
  findCardNames: (provider) => readOwn(PROVIDER_CARDS, provider),
  findIndex: findBuiltIn,
};

/**
 * The built-in cards, with those of a table in their place.
 * @throws Error when a card of the table contradicts itself.
 */
export function createCardSource(table: PriceTable | undefined): CardSource {
  if (table === undefined) return BUILT_IN;
  const own = new Map(table.cards.map((card) => [card.name, indexCard(card)]));
  return {
    version: table.version,
    findCardNames: (provider) => readOwn(table.providers, provider) ?? BUILT_IN.findCardNames(provider),
    findIndex: (name) => own.get(name) ?? findBuiltIn(name),
  };
}
