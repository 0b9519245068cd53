import type { Bill } from '../providers/bill.js';

/** What the ledger has of one model on one day. */
export interface LedgerUse {
  readonly day: string;
  readonly model: string;
  readonly picoUsd: bigint;
  readonly calls: number;
  readonly unpricedCalls: number;
  readonly tokens: number;
}

/** Where a difference comes from. */
export type Cause = 'unpriced' | 'not_seen' | 'fees' | 'rate' | 'not_billed' | 'rounding';

export const CAUSES: Readonly<Record<Cause, string>> = {
  unpriced: 'models that are in the ledger without a price',
  not_seen: 'calls that the ledger has not seen',
  fees: 'fees that are no tokens: the ledger has them with their calls',
  rate: 'another rate: tier, region, discount, or a price that changed',
  not_billed: 'in the ledger and not on the bill: credits, free tiers, retries, another account',
  rounding: 'rounding',
};

/** Both sides of one day or one model. */
export interface Pair {
  readonly name: string;
  readonly billedPicoUsd: bigint;
  readonly ledgerPicoUsd: bigint;
  readonly cause?: Cause;
}

/** A bill beside the ledger. The causes add up to the difference. */
export interface Reconciliation {
  readonly billedPicoUsd: bigint;
  readonly ledgerPicoUsd: bigint;
  /** (ledger − bill) / bill. */
  readonly driftRatio: number;
  readonly days: readonly Pair[];
  readonly items: readonly Pair[];
  /** What each cause adds to the bill over the ledger, pico-USD. */
  readonly causes: Readonly<Partial<Record<Cause, bigint>>>;
}

/** Name under which everything is compared where the bill names no models. */
const ALL = 'all models';
/** Tokens agree when they differ by less. */
const TOKEN_TOLERANCE = 0.01;
/** Bills are rounded to a cent a line at the most. */
const CENT_PICO_USD = 10_000_000_000n;
const PER_MILLE = 1_000n;

interface Side {
  billed: bigint;
  lines: number;
  billedTokens: number | undefined;
  ledger: bigint;
  calls: number;
  unpricedCalls: number;
  tokens: number;
}

/** Compares a bill with the ledger's rows of the same provider and period; `nameModel` gives both one name for one model. */
export function compareBill(
  bill: Bill,
  ledger: readonly LedgerUse[],
  nameModel: (model: string) => string,
): Reconciliation {
  const hasModels = bill.lines.some(({ model }) => model !== undefined);
  const name = (model: string): string => (hasModels ? nameModel(model) : ALL);
  const sides = readSides(bill, ledger, name);
  let fees = hasModels
    ? bill.lines.filter(({ model }) => model === undefined).reduce((sum, { picoUsd }) => sum + picoUsd, 0n)
    : 0n;
  const billedFees = fees;
  const causes: Partial<Record<Cause, bigint>> = {};
  const add = (cause: Cause, picoUsd: bigint): void => {
    if (picoUsd !== 0n) causes[cause] = (causes[cause] ?? 0n) + picoUsd;
  };
  const items: Pair[] = [];
  for (const [model, side] of sides) {
    const found = explain(side);
    for (const [cause, picoUsd] of found) {
      // What the ledger has above the bill of a model may be a fee that the bill has on a line of its own.
      const fee = cause === 'rate' && picoUsd < 0n ? minimum(-picoUsd, fees) : 0n;
      fees -= fee;
      add('fees', -fee);
      add(cause, picoUsd + fee);
    }
    const [first] = [...found].sort(([, a], [, b]) => (magnitude(a) < magnitude(b) ? 1 : -1));
    items.push({
      name: model,
      billedPicoUsd: side.billed,
      ledgerPicoUsd: side.ledger,
      ...(first === undefined ? {} : { cause: first[0] }),
    });
  }
  if (billedFees !== 0n)
    items.push({
      name: 'fees that are no tokens',
      billedPicoUsd: billedFees,
      ledgerPicoUsd: 0n,
      cause: 'fees',
    });
  add('fees', billedFees);
  const billedPicoUsd = bill.lines.reduce((sum, { picoUsd }) => sum + picoUsd, 0n);
  const ledgerPicoUsd = ledger.reduce((sum, { picoUsd }) => sum + picoUsd, 0n);
  return {
    billedPicoUsd,
    ledgerPicoUsd,
    driftRatio: readDrift(billedPicoUsd, ledgerPicoUsd),
    days: pairDays(bill, ledger),
    items: items.sort(byDifference),
    causes,
  };
}

/** 1 where the provider billed nothing for what the ledger has. */
export function readDrift(billed: bigint, ledger: bigint): number {
  if (billed === 0n) return ledger === 0n ? 0 : 1;
  return Number(((ledger - billed) * 1_000_000n) / billed) / 1_000_000;
}

function readSides(
  bill: Bill,
  ledger: readonly LedgerUse[],
  name: (model: string) => string,
): Map<string, Side> {
  const sides = new Map<string, Side>();
  const find = (model: string): Side => {
    const known = sides.get(model);
    if (known !== undefined) return known;
    const side: Side = {
      billed: 0n,
      lines: 0,
      billedTokens: undefined,
      ledger: 0n,
      calls: 0,
      unpricedCalls: 0,
      tokens: 0,
    };
    sides.set(model, side);
    return side;
  };
  const isWhole = !bill.lines.some(({ model }) => model !== undefined);
  for (const { model, picoUsd } of bill.lines) {
    if (model === undefined && !isWhole) continue;
    const side = find(name(model ?? ALL));
    side.billed += picoUsd;
    side.lines += 1;
  }
  for (const { model, tokens } of bill.usage ?? []) {
    const side = find(name(model));
    side.billedTokens = (side.billedTokens ?? 0) + tokens;
  }
  for (const use of ledger) {
    const side = find(name(use.model));
    side.ledger += use.picoUsd;
    side.calls += use.calls;
    side.unpricedCalls += use.unpricedCalls;
    side.tokens += use.tokens;
  }
  return sides;
}

/** The difference of one model by its causes; they add up to it. */
function explain(side: Side): [Cause, bigint][] {
  const difference = side.billed - side.ledger;
  const allowed = CENT_PICO_USD * BigInt(side.lines) + side.billed / PER_MILLE;
  if (difference === 0n) return [];
  if (magnitude(difference) <= minimum(allowed, magnitude(side.billed) / 50n))
    return [['rounding', difference]];
  if (side.billed === 0n) return [['not_billed', difference]];
  if (side.calls === 0) return [['not_seen', difference]];
  if (side.ledger === 0n && side.unpricedCalls > 0) return [['unpriced', difference]];
  const causes: [Cause, bigint][] = [];
  let rest = difference;
  const { billedTokens } = side;
  if (billedTokens !== undefined && billedTokens > side.tokens * (1 + TOKEN_TOLERANCE)) {
    const missing = (side.billed * BigInt(billedTokens - side.tokens)) / BigInt(billedTokens);
    causes.push(['not_seen', missing]);
    rest -= missing;
  } else if (billedTokens !== undefined && side.tokens > billedTokens * (1 + TOKEN_TOLERANCE)) {
    const more = (side.ledger * BigInt(side.tokens - billedTokens)) / BigInt(side.tokens);
    causes.push(['not_billed', -more]);
    rest += more;
  }
  if (side.unpricedCalls > 0 && rest > 0n) {
    const unpriced = minimum(rest, (side.billed * BigInt(side.unpricedCalls)) / BigInt(side.calls));
    causes.push(['unpriced', unpriced]);
    rest -= unpriced;
  }
  if (rest !== 0n) causes.push([magnitude(rest) <= allowed ? 'rounding' : 'rate', rest]);
  return causes;
}

function pairDays(bill: Bill, ledger: readonly LedgerUse[]): Pair[] {
  const days = new Map<string, { billed: bigint; ledger: bigint }>();
  const find = (day: string) => {
    const pair = days.get(day) ?? { billed: 0n, ledger: 0n };
    days.set(day, pair);
    return pair;
  };
  for (const { day, picoUsd } of bill.lines) find(day).billed += picoUsd;
  for (const { day, picoUsd } of ledger) find(day).ledger += picoUsd;
  return [...days]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, pair]) => ({ name, billedPicoUsd: pair.billed, ledgerPicoUsd: pair.ledger }));
}

const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);
const minimum = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const byDifference = (a: Pair, b: Pair): number =>
  magnitude(a.billedPicoUsd - a.ledgerPicoUsd) < magnitude(b.billedPicoUsd - b.ledgerPicoUsd) ? 1 : -1;
