import { setFlagsFromString } from 'node:v8';
import { runInThisContext } from 'node:vm';
import { expect, it } from 'vitest';
import { keepShape } from '../../src/record/shapes.ts';

setFlagsFromString('--allow-natives-syntax');
/** Whether V8 keeps an object as a plain one, not as a hash table. */
const isPlain = runInThisContext('(object) => %HasFastProperties(object)') as (object: object) => boolean;

const listNames = (count: number, word: string): string[] =>
  Array.from({ length: count }, (_, index) => `shape.${word}.${index}`);

/** As an SDK fills its object at the start, and costspan at the end. */
function fill(names: readonly string[], readValue: (index: number) => unknown): Record<string, unknown> {
  const record: Record<string, unknown> = {};
  names.forEach((name, index) => {
    record[name] = readValue(index);
  });
  return record;
}

it('an object of thirty computed names is a hash table', () => {
  expect(isPlain(fill(listNames(30, 'unknown'), String))).toBe(false);
});

it('stays plain where its shape is kept, whatever the values are', () => {
  const names = listNames(30, 'known');
  keepShape(names.slice(0, 8), names.slice(8));
  const values = ['text', 1, 0.5, true, ['a']];
  for (let round = 0; round < 20; round += 1) {
    expect(isPlain(fill(names, (index) => values[(index + round) % values.length]))).toBe(true);
  }
});

it('an object that goes another way is none of its business', () => {
  const names = listNames(30, 'other');
  keepShape([], names);
  expect(isPlain(fill(names.toReversed(), String))).toBe(false);
});
