import { createCardSource } from './card-source.js';
import { CARD_NAMES, loadCard, PROVIDER_CARDS } from './cards/table.js';
import { indexCard } from './match.js';
import type { PriceTable, RateCard } from './rate-card.js';
import { checkTable, type PriceTableProblem } from './table-check.js';
import { PRICE_TABLE_VERSION } from './version.gen.js';

/** First line of every table file, so that nothing else is taken for one. */
export const PRICE_TABLE_FORMAT = 'costspan-prices/1';
/** Further problems of one table are not listed. */
const MAX_PROBLEMS = 20;

/** A checked table, or what is wrong with it. */
export type PriceTableResult =
  | { readonly table: PriceTable; readonly problems?: undefined }
  | { readonly table?: undefined; readonly problems: readonly PriceTableProblem[] };

/** Parses the text of a price table: whole cards, whole numbers, no model claimed twice. Never throws. */
export function parsePriceTable(text: string): PriceTableResult {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return {
      problems: [{ path: '', message: `is no JSON: ${error instanceof Error ? error.message : error}` }],
    };
  }
  const problems: PriceTableProblem[] = [];
  checkTable(value, '', problems);
  if (problems.length > 0)
    return {
      problems: problems
        .slice(0, MAX_PROBLEMS)
        .map((found) => ({ ...found, path: found.path.replace(/^\./, '') })),
    };
  const { version, cards, providers } = value as PriceTable;
  const contradiction = findContradiction(cards, providers ?? {});
  if (contradiction !== undefined) return { problems: [contradiction] };
  return { table: { version, cards, ...(providers === undefined ? {} : { providers }) } };
}

function findContradiction(
  cards: readonly RateCard[],
  providers: NonNullable<PriceTable['providers']>,
): PriceTableProblem | undefined {
  const names = new Set<string>();
  for (const [index, card] of cards.entries()) {
    const path = `cards[${index}]`;
    if (names.has(card.name)) return { path: `${path}.name`, message: `"${card.name}" is there twice` };
    names.add(card.name);
    try {
      indexCard(card);
    } catch (error) {
      return { path, message: error instanceof Error ? error.message : String(error) };
    }
  }
  for (const [provider, wanted] of Object.entries(providers)) {
    const missing = wanted.find((name) => !names.has(name) && !CARD_NAMES.includes(name));
    if (missing !== undefined)
      return { path: `providers.${provider}`, message: `"${missing}" is the name of no card` };
  }
  return undefined;
}

/** The cards in force: the built-in ones, with those of a table in their place. */
export function listPriceCards(table?: PriceTable): RateCard[] {
  const own = table?.cards ?? [];
  const names = new Set([...CARD_NAMES, ...own.map(({ name }) => name)]);
  return [...names].flatMap((name) => own.find((card) => card.name === name) ?? loadCard(name) ?? []);
}

/** Providers and their cards, the table's over the built-in ones. */
export function listPricedProviders(table?: PriceTable): string[] {
  return [...new Set([...Object.keys(PROVIDER_CARDS), ...Object.keys(table?.providers ?? {})])];
}

/** The card that a provider's models are looked for in first. */
export function findFirstCard(provider: string, table?: PriceTable): RateCard | undefined {
  const source = createCardSource(table);
  const [name] = source.findCardNames(provider) ?? [];
  return name === undefined ? undefined : source.findIndex(name)?.card;
}

/** A table as the text that {@link parsePriceTable} takes, one model a line; default the built-in one, to start one's own from. */
export function renderPriceTable(table?: PriceTable): string {
  const { version, cards, providers } = table ?? { version: PRICE_TABLE_VERSION, cards: listPriceCards() };
  const rendered = cards.map(({ models, ...head }) => {
    const lines = models.map((model) => JSON.stringify(model)).join(',\n');
    return `${JSON.stringify(head).slice(0, -1)},"models":[\n${lines}\n]}`;
  });
  const head = { format: PRICE_TABLE_FORMAT, version, ...(providers === undefined ? {} : { providers }) };
  return `${JSON.stringify(head).slice(0, -1)},"cards":[\n${rendered.join(',\n')}\n]}\n`;
}
