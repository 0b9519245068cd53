import { expect, it } from 'vitest';
import { parseLedgerQuery } from '../src/ledger/query.ts';

const NOW_MS = Date.parse('2026-11-28T10:20:30.400Z');
const period = (text: Parameters<typeof parseLedgerQuery>[0]): string[] => {
  const { fromMs, toMs } = parseLedgerQuery(text, NOW_MS);
  return [fromMs, toMs].map((atMs) => new Date(atMs).toISOString());
};

it.each([
  ['days', '2026-10-05', '2026-10-06', '2026-10-05T00:00:00.000Z', '2026-10-06T00:00:00.000Z'],
  ['hours', '2026-10-05T14:00Z', '2026-10-05T15:00Z', '2026-10-05T14:00:00.000Z', '2026-10-05T15:00:00.000Z'],
  [
    'instants',
    '2026-10-05T14:18:00.001Z',
    '2026-10-05T14:30Z',
    '2026-10-05T14:00:00.000Z',
    '2026-10-05T15:00:00.000Z',
  ],
])('a period between %s is the hours that it touches', (_, from, to, ...expected) => {
  expect(period({ from, to })).toEqual(expected);
});

it('a period that began in this hour and has no end goes from its start until now', () => {
  expect(period({ from: '2026-11-28T10:18:00Z' })).toEqual([
    '2026-11-28T10:00:00.000Z',
    '2026-11-28T10:20:30.400Z',
  ]);
});

it('refuses two conditions on one label, which no call meets, and takes one that is said twice', () => {
  const parse = (...where: string[]) => parseLedgerQuery({ where }, NOW_MS).where;
  expect(parse('feature=chat', 'model=gpt-5', 'feature=chat')).toEqual({ feature: 'chat', model: 'gpt-5' });
  expect(() => parse('feature=chat', 'feature=search')).toThrow('there are two conditions on feature');
});
