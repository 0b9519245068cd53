import { expect, it } from 'vitest';
import { createRandom } from '../../aggregate/test/records.ts';
import { LedgerBook } from '../src/ledger/book.ts';
import { ProcessorState, type StatePart } from '../src/state.ts';
import type { StateOptions } from '../src/state-options.ts';
import { createHistory, OPTIONS, printParts, printState } from './histories.ts';

const TASKS = 2_500;
const LARGE: StateOptions = {
  ...OPTIONS,
  limits: { ...OPTIONS.limits, openTasks: 900, dedupeSpans: 3_000, dedupeWindowMs: 600_000 },
};
/** Takes effect while a state is read, as a reload of the configuration does. */
const OTHER: StateOptions = {
  ...LARGE,
  tasks: { ...LARGE.tasks, outcome: [{ when: { status: ['error'] }, is: 'failure' }] },
};

it.each([1, 2, 3, 4])(
  'what is read of a state, bit by bit while entries go on being applied, is the state as it was (seed %i)',
  (seed) => {
    const random = createRandom(seed);
    const state = new ProcessorState(LARGE, new LedgerBook());
    let under: { expected: string[]; parts: StatePart[]; rest: Iterator<StatePart> } | undefined;
    let compared = 0;
    let most = 0;
    for (const entry of createHistory(random, 6_000, TASKS)) {
      state.apply(entry);
      if (random() < 0.002) {
        const options = random() < 0.5 ? OTHER : LARGE;
        state.apply({ kind: 'options', nowMs: entry.nowMs, options });
      }
      if (under === undefined) {
        if (random() < 0.005) under = { expected: printState(state), parts: [], rest: state.readState() };
        continue;
      }
      if (random() < 0.7) continue;
      const { value, done } = under.rest.next();
      if (done !== true) {
        under.parts.push(value);
        continue;
      }
      expect(printParts(under.parts)).toEqual(under.expected);
      compared += 1;
      most = Math.max(most, under.parts.filter(({ part }) => part === 'task_rows').length);
      under = undefined;
    }
    expect(compared).toBeGreaterThan(5);
    expect(most, 'parts with tasks').toBeGreaterThan(1);
  },
);

it('two readings at a time are each that of its own moment', () => {
  const state = new ProcessorState(LARGE, new LedgerBook());
  const history = createHistory(createRandom(9), 900, TASKS);
  const readings: { expected: string[]; rest: Iterable<StatePart> }[] = [];
  for (const [index, entry] of history.entries()) {
    state.apply(entry);
    if (index % 300 === 150) readings.push({ expected: printState(state), rest: state.readState() });
  }
  for (const { expected, rest } of readings) expect(printParts([...rest])).toEqual(expected);
});
