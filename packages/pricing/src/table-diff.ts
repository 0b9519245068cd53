import type { DatedRates, ModelCard, RateCard } from './rate-card.js';

/** What a new table does to one model. */
export interface PriceChange {
  readonly card: string;
  readonly model: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** Unit → pico-USD of the newest rates before and after; `undefined` where there is none. */
  readonly rates: Readonly<Record<string, readonly [before: number | undefined, after: number | undefined]>>;
  /** What a person should look at before believing it. */
  readonly suspicions: readonly string[];
}

/** A price that moved further than this in one step is more often a slip of the decimal point than a price. */
const MAX_FACTOR = 5;

/** What would change if `after` replaced the cards of the same names in `before`, model by model. */
export function comparePriceCards(before: readonly RateCard[], after: readonly RateCard[]): PriceChange[] {
  const known = new Map(before.map((card) => [card.name, card]));
  return after.flatMap((card) => compareCard(known.get(card.name), card));
}

function compareCard(before: RateCard | undefined, after: RateCard): PriceChange[] {
  const old = new Map(before?.models.map((model) => [model.id, model]));
  const fresh = new Map(after.models.map((model) => [model.id, model]));
  const changes: PriceChange[] = [];
  for (const [id, model] of fresh) {
    const change = compareModel(after.name, old.get(id), model);
    if (change !== undefined) changes.push(change);
  }
  for (const [id, model] of old) {
    if (fresh.has(id)) continue;
    changes.push({
      card: after.name,
      model: id,
      kind: 'removed',
      rates: compareRates(model.rates.at(-1), undefined),
      suspicions: ['the model is gone: its calls would be unpriced'],
    });
  }
  return changes;
}

function compareModel(
  card: string,
  before: ModelCard | undefined,
  after: ModelCard,
): PriceChange | undefined {
  if (before !== undefined && readSubstance(before) === readSubstance(after)) return undefined;
  const rates = compareRates(before?.rates.at(-1), after.rates.at(-1));
  const suspicions = Object.entries(rates).flatMap(([unit, [old, fresh]]) => findSuspicion(unit, old, fresh));
  if (before !== undefined && isHistoryRewritten(before.rates, after.rates))
    suspicions.push('a rate of the past is rewritten: append a dated one instead');
  return {
    card,
    model: after.id,
    kind: before === undefined ? 'added' : 'changed',
    rates,
    suspicions,
  };
}

/** All that decides an amount; where it comes from and when it was looked at does not. */
function readSubstance({
  source: _source,
  checked: _checked,
  contextWindow: _window,
  aliases = [],
  ...rest
}: ModelCard): string {
  return JSON.stringify([[...aliases].sort(), sortKeys(rest)]);
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sortKeys(item)]),
  );
}

function compareRates(
  before: DatedRates | undefined,
  after: DatedRates | undefined,
): Record<string, readonly [number | undefined, number | undefined]> {
  const old = readFlat(before);
  const fresh = readFlat(after);
  const rates: Record<string, readonly [number | undefined, number | undefined]> = {};
  for (const unit of new Set([...old.keys(), ...fresh.keys()])) {
    if (old.get(unit) !== fresh.get(unit)) rates[unit] = [old.get(unit), fresh.get(unit)];
  }
  return rates;
}

/** Rates, tiers and units under one name each; units for as much as they are stated for. */
function readFlat(dated: DatedRates | undefined): Map<string, number> {
  const flat = new Map<string, number>(Object.entries(dated?.rates ?? {}));
  for (const { minInputTokens, rates } of dated?.tiers ?? []) {
    for (const [unit, rate] of Object.entries(rates)) flat.set(`${unit} from ${minInputTokens}`, rate);
  }
  for (const [unit, { picoUsd, per = 1 }] of Object.entries(dated?.units ?? {}))
    flat.set(per === 1 ? unit : `${unit} per ${per}`, picoUsd);
  return flat;
}

function findSuspicion(unit: string, before: number | undefined, after: number | undefined): string[] {
  if (after === 0 && before !== 0) return [`${unit} would be free`];
  if (before === undefined || after === undefined || before === 0) return [];
  const factor = after / before;
  if (factor <= MAX_FACTOR && factor >= 1 / MAX_FACTOR) return [];
  return [
    `${unit} would be ${factor > 1 ? factor.toFixed(1) : (1 / factor).toFixed(1)} times ${factor > 1 ? 'dearer' : 'cheaper'}`,
  ];
}

/** Whether an entry that was there is there no more as it was: prices are appended. */
function isHistoryRewritten(before: readonly DatedRates[], after: readonly DatedRates[]): boolean {
  const kept = new Set(after.map((dated) => JSON.stringify(sortKeys(dated))));
  return before.some((dated) => !kept.has(JSON.stringify(sortKeys(dated))));
}
