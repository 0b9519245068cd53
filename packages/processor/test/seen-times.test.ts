import { expect, it } from 'vitest';
import { SeenTimes } from '../src/seen-times.ts';
import { createRandom } from './spans.ts';

it.each([1, 2, 3])('times are those that a list would hold, as many as come at once (seed %i)', (seed) => {
  const random = createRandom(seed);
  const times = new SeenTimes();
  const list: number[] = [];
  let nowMs = 0;
  for (let step = 0; step < 60_000; step += 1) {
    // First more come than go, so that the ring grows wherever it begins.
    if (random() < (step < 30_000 ? 0.6 : 0.4)) {
      if (random() < 0.4) nowMs += 1;
      times.push(nowMs);
      list.push(nowMs);
    } else if (list.length > 0) {
      expect(times.oldestMs).toBe(list.shift());
      times.shift();
    }
    if (step % 10_000 === 5_000) {
      times.shiftClock(-7);
      for (let place = 0; place < list.length; place += 1) list[place]! -= 7;
    }
  }
  const copy = times.copy();
  for (const ms of list) {
    expect(copy.oldestMs).toBe(ms);
    copy.shift();
  }
});
