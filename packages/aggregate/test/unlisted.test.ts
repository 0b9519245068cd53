import { expect, it } from 'vitest';
import { createFamily } from '../src/traces/alike-lists.ts';
import type { Usage } from '../src/traces/report.ts';
import { SightingTable } from '../src/traces/sightings.ts';
import { UnlistedCalls } from '../src/traces/unlisted.ts';

const FAMILY = createFamily('gpt-5-mini');
const usageOf = (input: number, isLayered = false): Usage => ({
  service: 'shop',
  family: FAMILY,
  tokens: { input, output: 7 },
  isLayered,
});

function createUnlisted(limit: number) {
  const table = new SightingTable();
  const unlisted = new UnlistedCalls(table, limit);
  const add = (serial: number, usage: Usage): number => {
    const call = { spanId: serial.toString(16).padStart(16, '0'), emitter: 'openlit', service: 'shop' };
    const rest = { traceId: '0'.repeat(32), startMs: 1, endMs: 2, weight: 2, responseId: undefined } as const;
    const row = table.add({ ...call, ...rest, claimedBy: [] });
    unlisted.add(row, usage);
    return row;
  };
  return { unlisted, add };
}

function takeAll(unlisted: UnlistedCalls) {
  const taken: [row: number, input: number, isLayered: boolean][] = [];
  unlisted.takeAll((row, { usage, layer }) => taken.push([row, usage.input, layer !== undefined]));
  return taken;
}

it('each is taken once, oldest first, with the keys of its lists', () => {
  const { unlisted, add } = createUnlisted(10);
  const rows = [add(1, usageOf(1)), add(2, usageOf(2, true)), add(3, usageOf(0, true))];
  expect(takeAll(unlisted)).toEqual([
    [rows[0], 1, false],
    [rows[1], 2, true],
    [rows[2], 0, true],
  ]);
  expect(takeAll(unlisted)).toEqual([]);
  const next = add(4, usageOf(4));
  expect(takeAll(unlisted)).toEqual([[next, 4, false]]);
});

it('the oldest go, and their rows are used again', () => {
  const { unlisted, add } = createUnlisted(2);
  const rows = [1, 2, 3, 4].map((serial) => add(serial, usageOf(serial)));
  expect(new Set(rows).size).toBe(3);
  expect(takeAll(unlisted)).toEqual([
    [rows[2], 3, false],
    [rows[3], 4, false],
  ]);
});

it('there is room for more than the columns hold at first', () => {
  const { unlisted, add } = createUnlisted(5_000);
  const rows = Array.from({ length: 3_000 }, (_, serial) => add(serial, usageOf(serial)));
  expect(takeAll(unlisted)).toEqual(rows.map((row, serial) => [row, serial, false]));
});
