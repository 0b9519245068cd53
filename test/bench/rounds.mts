/** Interleaved rounds (A B C … C B A …) and what is read out of them. */
import { type ChildOptions, type Measured, measureChild } from './child.mts';
import { median } from './quantiles.mts';
import type { Variant } from './variants.mts';

/** All rounds of one variant, in their order: round n of each variant ran beside round n of the others. */
export type Rounds = ReadonlyMap<Variant, readonly Measured[]>;

/** Fewer rounds for a quick look, while working on something: `BENCH_ROUNDS=2`. */
export const countRounds = (rounds: number): number => Number(process.env.BENCH_ROUNDS) || rounds;

/**
 * Runs every variant once a round, each in a fresh process, so that a slow minute of the machine hits all of them;
 * every other round backwards, so that none always comes after the same one.
 */
export async function runRounds(
  variants: readonly Variant[],
  rounds: number,
  options: ChildOptions,
): Promise<Rounds> {
  const results = new Map<Variant, Measured[]>(variants.map((variant) => [variant, []]));
  for (let round = 0; round < countRounds(rounds); round += 1) {
    const order = round % 2 === 0 ? variants : variants.toReversed();
    for (const variant of order) results.get(variant)?.push(await measureChild(variant, options));
    process.stderr.write('.');
  }
  return results;
}

export type Reading = (measured: Measured) => number;

/** One figure of every round of a variant. */
export const readAll = (rounds: Rounds, variant: Variant, read: Reading): number[] =>
  (rounds.get(variant) ?? []).map(read);

/** The median over rounds of what `variant` takes beyond `base` in the same round. */
export const medianAdded = (rounds: Rounds, pair: { variant: Variant; base: Variant }, read: Reading) =>
  median(pairUp(rounds, pair, read).map(([value, base]) => value - base));

/** The median over rounds of `variant` to `base` in the same round. */
export const medianRatio = (rounds: Rounds, pair: { variant: Variant; base: Variant }, read: Reading) =>
  median(pairUp(rounds, pair, read).map(([value, base]) => value / base));

function pairUp(
  rounds: Rounds,
  { variant, base }: { variant: Variant; base: Variant },
  read: Reading,
): [number, number][] {
  const bases = readAll(rounds, base, read);
  return readAll(rounds, variant, read).map((value, round) => [value, bases[round] ?? Number.NaN]);
}
