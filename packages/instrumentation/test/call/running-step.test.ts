import { expect, it } from 'vitest';
import type { StepState } from '../../src/attribution/index.ts';
import { RunningStep } from '../../src/call/running-step.ts';

function start() {
  const ends: (string | undefined)[] = [];
  const step = new RunningStep({
    state: {} as StepState,
    scope: {},
    enter: (fn) => fn(),
    onEnd: (errorType) => ends.push(errorType),
  });
  return { step, ends };
}

it('what nobody can read any more is aborted', () => {
  const { step, ends } = start();
  step.letGo();
  expect(ends).toEqual(['aborted']);
});

it('what has answered ends with its last part, also when its answer is gone by then', () => {
  const { step, ends } = start();
  step.openPart();
  step.end();
  step.letGo();
  expect(ends).toEqual([]);
  step.closePart();
  expect(ends).toEqual([undefined]);
});
