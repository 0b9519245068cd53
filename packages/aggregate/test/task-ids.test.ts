import { expect, it } from 'vitest';
import { NONE } from '../src/rows/columns.ts';
import { TaskIds } from '../src/rows/task-ids.ts';
import { createRandom } from './records.ts';

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

/** As ids of tasks are written: by us, of spans, and by applications, also nearly like ours. */
const WRITTEN: readonly ((number: number) => string)[] = [
  (number) => `7b1a4c2e-${hex(number, 4)}-4b6a-9c3d-${hex(number * 7, 12)}`,
  (number) => `7B1A4C2E-${hex(number, 4)}-4b6a-9c3d-${hex(number * 7, 12)}`,
  (number) => `7b1a4c2e${hex(number, 5)}-4b6a-9c3d-${hex(number * 7, 12)}`,
  (number) => `7b1a4c2e-${hex(number, 4)}-4b6a-9c3d-00000000000g`,
  (number) => `${hex(number, 32)}-${hex(number, 16)}`,
  (number) => `${hex(number, 32)}_${hex(number, 16)}`,
  (number) => `${'ticket-'.repeat(number % 5)}${number}`,
  () => '',
];

it.each([1, 2, 3])('tasks are found by their ids as a map finds them (seed %i)', (seed) => {
  const random = createRandom(seed);
  const ids = new TaskIds(4);
  const free: number[] = [];
  const map = new Map<string, number>();
  let [size, capacity] = [0, 4];
  for (let step = 0; step < 20_000; step += 1) {
    const number = Math.floor(random() * 500);
    const id = WRITTEN[step % WRITTEN.length]!(number);
    const known = map.get(id);
    expect(ids.find(id)).toBe(known ?? NONE);
    if (known === undefined) {
      const row = free.pop() ?? size;
      if (row === size) size += 1;
      if (row === capacity) {
        capacity *= 2;
        ids.lengthen(capacity);
      }
      ids.set(row, id);
      expect(ids.find(id), 'before it is listed').toBe(NONE);
      ids.list(row);
      map.set(id, row);
    } else if (random() < 0.5) {
      ids.unlist(known);
      expect(ids.at(known), 'no longer listed').toBe(id);
      ids.forget(known);
      free.push(known);
      map.delete(id);
    }
  }
  for (const [id, row] of map) expect([ids.find(id), ids.at(row)]).toEqual([row, id]);
});
