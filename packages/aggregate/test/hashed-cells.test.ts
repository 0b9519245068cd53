import { expect, it } from 'vitest';
import { NONE } from '../src/rows/columns.ts';
import { RowHashes } from '../src/rows/row-hashes.ts';
import { createRandom } from './records.ts';

/** All rows that a search goes through. */
function search(rows: RowHashes, hash: number): number[] {
  const found: number[] = [];
  for (let row = rows.first(hash); row !== NONE; row = rows.next(hash)) found.push(row);
  return found;
}

// Few hashes, close together and at both ends of the table: rows stand farther from where they belong than a cell can say.
it.each([
  { hashes: 3, rows: 200 },
  { hashes: 40, rows: 300 },
  { hashes: 5_000, rows: 3_000 },
])(
  'rows are found by their hashes and no others get lost, $rows of $hashes hashes',
  ({ hashes, rows: count }) => {
    const random = createRandom(hashes);
    const rows = new RowHashes();
    const known = new Map<number, number>();
    for (let step = 0; step < 20_000; step += 1) {
      const row = Math.floor(random() * count);
      const hash = known.get(row);
      if (hash === undefined) {
        const next = Math.floor(random() * hashes) - (hashes >> 1);
        known.set(row, next);
        rows.add(row, next);
      } else {
        known.delete(row);
        rows.remove(row);
      }
      const [sought = 0] = [...known.values()].slice(-1);
      const all = [...known].filter(([, of]) => of === sought).map(([one]) => one);
      if (step % 50 === 0) expect(search(rows, sought)).toEqual(expect.arrayContaining(all));
      if (step % 50 === 0) expect(rows.size).toBe(known.size);
    }
    for (const row of known.keys()) rows.remove(row);
    expect([...known.values()].flatMap((hash) => search(rows, hash))).toEqual([]);
  },
);
