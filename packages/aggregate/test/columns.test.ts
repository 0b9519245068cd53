import { expect, it } from 'vitest';
import { RowReader } from '../src/bytes/row-reader.ts';
import { RowWriter } from '../src/bytes/row-writer.ts';
import { MoneyColumn, PagedColumn, PagedNumbers } from '../src/rows/columns.ts';
import { SharedColumn } from '../src/rows/shared-column.ts';
import { addExactly, MoneySum } from '../src/series/money.ts';
import { type FirstCall, FirstCallTable, printQuestion, readFirstCalls } from '../src/tasks/first-calls.ts';
import { createRandom } from './records.ts';

it('money is exact at any size, also beyond eight bytes, and grows with its column', () => {
  const amounts = [0n, 1n, -1n, 2n ** 63n - 1n, 2n ** 63n, -(2n ** 63n), -(2n ** 63n) + 1n, 10n ** 30n];
  const column = new MoneyColumn();
  for (const [row, amount] of amounts.entries()) column.set(row, amount);
  expect(amounts.map((_, row) => column.at(row))).toEqual(amounts);
  for (const [row, amount] of amounts.entries()) column.set(amounts.length - 1 - row, amount);
  expect(amounts.map((_, row) => column.at(amounts.length - 1 - row))).toEqual(amounts);
  for (const amount of [7, -7, 2 ** 60]) {
    column.set(0, amount);
    expect([column.at(0), BigInt(column.exactAt(0))]).toEqual([BigInt(amount), BigInt(amount)]);
  }
});

it.each([1, 2, 3])('sums are those of bigints, whatever comes in which order (seed %i)', (seed) => {
  const random = createRandom(seed);
  const [sum, column] = [new MoneySum(2n ** 53n - 5n), new MoneyColumn()];
  let [ofSum, ofColumn] = [2n ** 53n - 5n, 0n];
  let exact: number | bigint = 0;
  for (let step = 0; step < 5_000; step += 1) {
    const sign = random() < 0.5 ? -1 : 1;
    // At the limit of what a number holds, where a rounded sum would be off by one.
    const whole =
      sign *
      (random() < 0.5 ? Math.floor(random() * 9e15) : Number.MAX_SAFE_INTEGER - Math.floor(random() * 3));
    const large = random() < 0.5 ? BigInt(whole) * 3n : BigInt(whole) + 8n * BigInt(sign);
    const amount = random() < 0.4 ? (random() < 0.5 ? large : BigInt(whole)) : whole;
    sum.add(amount);
    exact = addExactly(exact, amount);
    column.add(0, amount);
    ofSum += BigInt(amount);
    ofColumn += BigInt(amount);
    expect([sum.value, column.at(0), BigInt(exact)]).toEqual([ofSum, ofColumn, ofColumn]);
    expect([sum.exact, column.exactAt(0)].map(BigInt)).toEqual([ofSum, ofColumn]);
  }
});

it('a sum takes no part of a pico-dollar', () => {
  expect(() => new MoneySum().add(0.5)).toThrow(RangeError);
});

it.each([1, 2, 3])('first calls are those that a map of maps would hold (seed %i)', (seed) => {
  const random = createRandom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const hex = (digits: number) => Array.from({ length: digits }, () => below(16).toString(16)).join('');
  const table = new FirstCallTable();
  const maps = new Map<number, Map<string, FirstCall>>();
  for (let step = 0; step < 4_000; step += 1) {
    const task = below(300);
    if (random() < 0.1) {
      table.forget(task);
      maps.delete(task);
      continue;
    }
    const digest = `${below(9)}`.padStart(below(2) * 16, '-_aZ');
    const question = { model: `m${below(3)}`, digest };
    const key = printQuestion(question);
    const spanId = random() < 0.1 ? 'no id' : hex(16);
    const call = { endMs: random() * 1e12, spanId, feature: `f${below(5)}`, costPicoUsd: below(9e15) };
    const known = maps.get(task) ?? new Map<string, FirstCall>();
    expect(table.find(task, question)).toEqual(known.get(key));
    expect(table.has(task, question)).toBe(known.has(key));
    table.set(task, question, call);
    maps.set(task, known.set(key, call));
    expect(table.countOf(task)).toBe(known.size);
  }
  for (let task = 0; task < 300; task += 1) {
    const writer = new RowWriter();
    writer.beginRow();
    table.write(task, writer);
    const [entries] = [...new RowReader().rows(writer.take(), readFirstCalls)];
    expect(entries).toEqual([...(maps.get(task) ?? [])]);
  }
});

it.each([1, 2, 3])(
  'numbers in pages are those that a map would hold, however far apart (seed %i)',
  (seed) => {
    const random = createRandom(seed);
    const column = new PagedNumbers();
    const map = new Map<number, number>();
    for (let step = 0; step < 2_000; step += 1) {
      const row = Math.floor(random() * 40_000);
      expect(column.at(row)).toBe(map.get(row) ?? 0);
      const number = random() < 0.5 ? 0 : random() * 1e15;
      column.set(row, number);
      map.set(row, number);
    }
    for (const [row, number] of map) expect(column.at(row)).toBe(number);
  },
);

it('what stands in pages stays there when they grow, and in a copy when it changes', () => {
  const rows = 20_000;
  const column = new PagedColumn(Uint32Array, { rows: 1, width: 3 });
  const write = (row: number, add: number): void => {
    const [page, place] = [column.pageToChange(row), column.placeOf(row)];
    for (let at = 0; at < 3; at += 1) page[place + at] = row * 3 + at + add;
  };
  const read = (of: PagedColumn<Uint32Array>): number[] =>
    Array.from({ length: rows }, (_, row) => {
      const [page, place] = [of.pageOf(row), of.placeOf(row)];
      return [page[place]!, page[place + 1]!, page[place + 2]!];
    }).flat();
  for (let row = 0; row < rows; row += 1) {
    column.lengthen(row + 1);
    write(row, 0);
  }
  const copy = column.copy();
  for (let row = 0; row < rows; row += 1) write(row, 5);
  expect(read(copy)).toEqual(Array.from({ length: rows * 3 }, (_, number) => number));
  expect(read(column)).toEqual(Array.from({ length: rows * 3 }, (_, number) => number + 5));
});

it.each([1, 2, 3])('values that rows share are those that a list would hold (seed %i)', (seed) => {
  const random = createRandom(seed);
  const column = new SharedColumn<bigint>(100, 0n);
  const plain = new Array<bigint>(100).fill(0n);
  for (let step = 0; step < 10_000; step += 1) {
    const row = Math.floor(random() * 100);
    plain[row] = random() < 0.3 ? 0n : 2n ** BigInt(Math.floor(random() * 150));
    if (plain[row] === 0n && step % 2 === 0) column.forget(row);
    else column.set(row, plain[row]!);
    expect(plain.map((_, at) => column.at(at))).toEqual(plain);
  }
});

it('values that rows have in common are as many as come, also more than two bytes can number', () => {
  const rows = 70_000;
  const column = new SharedColumn<string>(rows, '');
  for (let row = 0; row < rows; row += 1) column.set(row, `value ${row}`);
  for (let row = 0; row < rows; row += 2) column.forget(row);
  column.set(rows - 2, 'value 1');
  const expected = (row: number) => {
    if (row === rows - 2) return 'value 1';
    return row % 2 === 0 ? '' : `value ${row}`;
  };
  for (let row = 0; row < rows; row += 1) if (column.at(row) !== expected(row)) expect.fail(`row ${row}`);
});
