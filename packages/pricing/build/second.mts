// What a card takes from the second source: models that the base does not have, and ids that have moved on since the
// base was published. Either way one source alone stands behind the rate, so amounts from it are `estimated`.
import { readFileSync } from 'node:fs';
import { findModel, indexCard } from '../dist/match.js';
import type { ModelCard, RateCard, Rates } from '../dist/rate-card.js';
import type { OverlayModel, SecondRules, UsdPerMtok, UsdPerUnit } from './overlay.mts';

/** One model of the second source. */
export interface SecondModel {
  readonly usd: UsdPerMtok;
  readonly tiers?: readonly { readonly minInputTokens: number; readonly usd: UsdPerMtok }[];
  readonly units?: Readonly<Record<string, UsdPerUnit>>;
}

/** What another public source says; written by read-second-source.mts. */
export interface SecondSource {
  readonly source: string;
  readonly date: string;
  readonly cards: Readonly<Record<string, Readonly<Record<string, SecondModel>>>>;
}

export const SECOND_SOURCE: SecondSource = JSON.parse(
  readFileSync(new URL('second-source.json', import.meta.url), 'utf8'),
);

/** Two sources agree on a rate when it differs by less than this part of it: conversions round. */
const TOLERANCE = 0.01;
/** An input price a million tokens that none of these models has: the row is a mistake. */
const MAX_USD_PER_MTOK = 75;
/** Geographic profiles of Bedrock; the card's routes find the plain id behind them. */
const PROFILE = /^(?:us|us-gov|eu|apac|jp|au|ca|in)\.(.+)$/;

/** Ids of a card that the second source replaces: exact, or a pattern over its ids. */
export function listReplaced(card: string, rules: SecondRules | undefined): string[] {
  const rows = SECOND_SOURCE.cards[card] ?? {};
  const wanted = rules?.replace ?? [];
  const missing = wanted.filter((id) => typeof id === 'string' && rows[id] === undefined);
  if (missing.length > 0)
    throw new Error(`${card}: the overlay takes ${missing.join(', ')}, the second source has none of them`);
  return Object.keys(rows).filter((id) =>
    wanted.some((rule) => (rule instanceof RegExp ? rule.test(id) : rule === id)),
  );
}

/** The rows that a card gets from the second source: what it replaces, then what the card does not know. */
export function readSecondModels(card: RateCard, rules: SecondRules | undefined): OverlayModel[] {
  const rows = SECOND_SOURCE.cards[card.name] ?? {};
  const replaced = listReplaced(card.name, rules);
  const index = indexCard(card);
  const fresh = Object.keys(rows).filter((id) => {
    if (rules?.fill !== true || replaced.includes(id) || (rules.skip?.test(id) ?? false)) return false;
    const [, plain] = PROFILE.exec(id) ?? [];
    // The card's routes find the plain id behind a profile, so only one with a price of its own needs a row.
    if (plain !== undefined) return isDearer(rows[id], rows[`us.${plain}`] ?? rows[plain]);
    return findModel(index, id) === undefined && isSound(rows[id]);
  });
  return [
    ...replaced.map((id) => toModel(id, rows[id], 'sources_disagree')),
    // A plain id costs what its geographic profile does, a tenth more than the global one.
    ...fresh.map((id) => toModel(id, rows[`us.${id}`] ?? rows[id], 'single_source')),
  ];
}

const isDearer = (own: SecondModel | undefined, plain: SecondModel | undefined): boolean =>
  plain === undefined || (own?.usd.input ?? 0) > (plain.usd.input ?? 0) * (1 + TOLERANCE);

const isSound = ({ usd }: SecondModel = { usd: {} }): boolean => (usd.input ?? 0) <= MAX_USD_PER_MTOK;

/** A row with the day of the second source, where that has the row and agrees with the newest of its rates. */
export function confirmRow(card: string, row: ModelCard): ModelCard {
  const { date, cards } = SECOND_SOURCE;
  const rows = cards[card] ?? {};
  const second = [row.id, ...(row.aliases ?? [])].map((id) => rows[id]).find((found) => found !== undefined);
  const rates = row.rates.findLast(({ from }) => from === undefined || from <= date)?.rates;
  if (second === undefined || rates === undefined || (row.checked ?? '') >= date) return row;
  const shared = Object.entries(second.usd).flatMap(([unit, usd]) => {
    const picoUsd = rates[unit as keyof Rates];
    return picoUsd === undefined ? [] : [Math.abs(picoUsd / 1e6 - usd) <= TOLERANCE * usd];
  });
  return shared.length > 0 && shared.every(Boolean) ? { ...row, checked: date } : row;
}

/** An embedding has no output to be billed, and nobody's cache is written to for nothing: 0 is how they say "none". */
const withoutFree = (usd: UsdPerMtok): UsdPerMtok =>
  Object.fromEntries(Object.entries(usd).filter(([, price]) => price > 0));

function toModel(id: string, row: SecondModel | undefined, estimated: string): OverlayModel {
  if (row === undefined) throw new Error(`the second source has no "${id}"`);
  const usd = withoutFree(row.usd);
  const tiers = row.tiers
    ?.map((tier) => ({ ...tier, usd: withoutFree(tier.usd) }))
    .filter((tier) => Object.keys(tier.usd).sort().join() === Object.keys(usd).sort().join());
  return {
    id,
    rates: [
      {
        usd,
        ...(tiers === undefined || tiers.length === 0 ? {} : { tiers }),
        ...(row.units === undefined ? {} : { units: row.units }),
        estimated,
      },
    ],
    source: SECOND_SOURCE.source,
    checked: SECOND_SOURCE.date,
  };
}
