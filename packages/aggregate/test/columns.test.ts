import { expect, it } from 'vitest';
import { MoneyColumn } from '../src/columns.ts';
import { type FirstCall, FirstCallTable, printQuestion } from '../src/first-calls.ts';
import { createRandom } from './records.ts';

it('money is exact at any size, also beyond eight bytes, and grows with its column', () => {
  const amounts = [0n, 1n, -1n, 2n ** 63n - 1n, 2n ** 63n, -(2n ** 63n), -(2n ** 63n) + 1n, 10n ** 30n];
  const column = new MoneyColumn(4);
  column.lengthen(amounts.length);
  for (const [row, amount] of amounts.entries()) column.set(row, amount);
  expect(amounts.map((_, row) => column.at(row))).toEqual(amounts);
  for (const [row, amount] of amounts.entries()) column.set(amounts.length - 1 - row, amount);
  expect(amounts.map((_, row) => column.at(amounts.length - 1 - row))).toEqual(amounts);
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
    const ids = random() < 0.1 ? { traceId: 't', spanId: hex(16) } : { traceId: hex(32), spanId: hex(16) };
    const call = { endMs: random() * 1e12, ...ids, feature: `f${below(5)}`, costPicoUsd: below(9e15) };
    const known = maps.get(task) ?? new Map<string, FirstCall>();
    expect(table.find(task, question)).toEqual(known.get(key));
    expect(table.has(task, question)).toBe(known.has(key));
    table.set(task, question, call);
    maps.set(task, known.set(key, call));
    expect(table.countOf(task)).toBe(known.size);
  }
  for (let task = 0; task < 300; task += 1) {
    const entries = [...table.entries(task)].map(([question, call]) => [printQuestion(question), call]);
    expect(entries).toEqual([...(maps.get(task) ?? [])]);
  }
});
