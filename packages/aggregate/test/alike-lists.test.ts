import { expect, it } from 'vitest';
import { NONE } from '../src/rows/columns.ts';
import { AlikeKey, AlikeLists, createFamily } from '../src/traces/alike-lists.ts';
import { SightingTable } from '../src/traces/sightings.ts';

const FAMILY = createFamily('gpt-5-mini');
const keyOf = (input: number): AlikeKey => new AlikeKey('usage').set('shop', FAMILY, { input, output: 7 });

function createLists(keys: number) {
  const table = new SightingTable();
  const lists = new AlikeLists(table, { keys, callsOfAKey: 32, calls: Number.POSITIVE_INFINITY });
  const add = (serial: number): number =>
    table.add({
      traceId: '0'.repeat(32),
      spanId: serial.toString(16).padStart(16, '0'),
      service: 'shop',
      emitter: 'openlit',
      startMs: 1,
      endMs: 2,
      weight: 2,
      responseId: undefined,
      claimedBy: [],
    });
  return { lists, add };
}

it('a call joins the list that was found for its key', () => {
  const { lists, add } = createLists(10);
  lists.push(keyOf(1), add(1));
  const key = keyOf(1);
  expect(lists.findOfOthers(key, 'another')).not.toBe(NONE);
  lists.push(key, add(2));
  expect([...lists.readState()]).toEqual([['usage\u0000shop\u0000gpt-5-mini\u00001\u00007', [0, 1]]]);
});

it('a list that another key has pushed out since it was found is made anew', () => {
  const { lists, add } = createLists(1);
  lists.push(keyOf(1), add(1));
  const key = keyOf(1);
  expect(lists.findOfOthers(key, 'another')).not.toBe(NONE);
  lists.push(keyOf(2), add(2));
  const row = add(3);
  lists.push(key, row);
  expect([...lists.readState()]).toEqual([['usage\u0000shop\u0000gpt-5-mini\u00001\u00007', [row]]]);
  expect(lists.findOfOthers(keyOf(2), 'another')).toBe(NONE);
});

it('a key that had no list when it was looked for makes one of its own, and one only', () => {
  const { lists, add } = createLists(10);
  const key = keyOf(1);
  expect(lists.findOfOthers(key, 'another')).toBe(NONE);
  lists.push(key, add(1));
  lists.push(key, add(2));
  expect([...lists.readState()]).toHaveLength(1);
});
