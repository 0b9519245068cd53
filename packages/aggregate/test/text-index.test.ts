import { expect, it } from 'vitest';
import { NONE } from '../src/columns.ts';
import { TextIndex } from '../src/text-index.ts';
import { createRandom } from './records.ts';

it.each([1, 2, 3])('rows are found by their texts as a map finds them (seed %i)', (seed) => {
  const random = createRandom(seed);
  const texts: string[] = [];
  const free: number[] = [];
  const index = new TextIndex(texts);
  const map = new Map<string, number>();
  for (let step = 0; step < 20_000; step += 1) {
    const text = `${'task-'.repeat(step % 9)}${Math.floor(random() * 3_000)}`;
    expect(index.find(text)).toBe(map.get(text) ?? NONE);
    const known = map.get(text);
    if (known === undefined) {
      const row = free.pop() ?? texts.length;
      texts[row] = text;
      index.add(row);
      map.set(text, row);
    } else if (random() < 0.7) {
      index.remove(known);
      texts[known] = '';
      free.push(known);
      map.delete(text);
    }
    expect(index.size).toBe(map.size);
  }
  for (const [text, row] of map) expect(index.find(text)).toBe(row);
  expect(index.find('')).toBe(NONE);
});
