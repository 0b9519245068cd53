import { expect, it } from 'vitest';
import { PendingRows, type RowKey } from '../src/ledger/pending-rows.ts';
import { HOUR_MS, LEDGER_AMOUNTS, LEDGER_LABELS, type Posting } from '../src/ledger/row.ts';
import { createRandom } from './spans.ts';

const STANDINGS = ['unsettled', 'success', 'failure'] as const;

const printKey = (labels: readonly string[], hourMs: number): string => [...labels, hourMs].join('/');
const readAll = (postings: Iterable<Posting>): Map<string, readonly number[]> =>
  new Map([...postings].map(({ labels, hourMs, amounts }) => [printKey(labels, hourMs), amounts]));

// The second round has more rows than are kept room for, the third none of what the others have left.
it.each([1, 2])('what waits for the ledger is what a map would hold, written or not (seed %i)', (seed) => {
  const random = createRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const pending = new PendingRows();
  for (const sets of [40, 9_000, 60]) {
    const known = new Map<string, number[]>();
    for (let step = 0; step < sets * 5; step += 1) {
      const number = below(sets);
      const labels = LEDGER_LABELS.map((name) => (name === 'outcome' ? '' : `${name}-${number}`));
      const key: RowKey = { hourMs: below(2) * HOUR_MS, standing: STANDINGS[below(STANDINGS.length)]! };
      const amounts = Float64Array.from(LEDGER_AMOUNTS, () => below(1_000));
      const sign = random() < 0.5 ? 1 : -1;
      pending.add({ labels, number }, key, { amounts, sign });
      const printed = printKey(labels.with(LEDGER_LABELS.indexOf('outcome'), key.standing), key.hourMs);
      const sums = known.get(printed) ?? LEDGER_AMOUNTS.map(() => 0);
      known.set(
        printed,
        sums.map((sum, index) => sum + sign * amounts[index]!),
      );
    }
    expect(pending.size).toBe(known.size);
    expect(readAll(pending.postings())).toEqual(known);
    pending.clear();
    expect([pending.size, ...pending.postings()]).toEqual([0]);
  }
});
