import { expect, it } from 'vitest';
import { AmountTable } from '../src/ledger/amount-table.ts';
import { LEDGER_AMOUNTS } from '../src/ledger/row.ts';
import { createRandom } from './spans.ts';

const WIDTH = LEDGER_AMOUNTS.length;
const LIST_AT = LEDGER_AMOUNTS.indexOf('list_micro_usd');

it.each([1, 2, 3])('amounts are those that a map would hold, whatever they are (seed %i)', (seed) => {
  const random = createRandom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const createAmounts = (): number[] => {
    const max = [2, 1_000_000, 2 ** 32, 2 ** 40][below(4)]!;
    const amounts = Array.from({ length: WIDTH }, () => (random() < 0.5 ? 0 : below(max)));
    // Mostly there is no discount; for some the list says nothing, or that they are free.
    if (random() < 0.6) amounts.splice(LIST_AT, 2, ...amounts.slice(LIST_AT + 2));
    else if (random() < 0.3) amounts.splice(LIST_AT, 2, 0, 0);
    return amounts;
  };
  const table = new AmountTable();
  const map = new Map<number, number[]>();
  const rows: number[] = [];
  for (let step = 0; step < 20_000; step += 1) {
    const made = createAmounts();
    const known = random() < 0.6 ? undefined : rows[below(rows.length)];
    if (known === undefined) {
      const row = table.add(made);
      rows.push(row);
      map.set(row, made);
    } else if (random() < 0.5) {
      table.free(known);
      map.delete(known);
      rows.splice(rows.indexOf(known), 1);
    } else {
      table.set(known, made);
      map.set(known, made);
    }
  }
  const amounts = new Float64Array(WIDTH);
  expect(map.size).toBeGreaterThan(4_096);
  for (const [row, expected] of map) {
    table.read(row, amounts);
    expect([...amounts]).toEqual(expected);
  }
});
