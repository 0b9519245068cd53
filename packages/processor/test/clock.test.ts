import { expect, it } from 'vitest';
import { ClockWatch } from '../src/clock.ts';

it('tells each step of the clock once, and neither time that passes nor what a time service corrects', () => {
  const clock = { wallMs: 1_000_000, steadyMs: 5 };
  const watch = new ClockWatch(
    () => clock.wallMs,
    () => clock.steadyMs,
  );
  const pass = (ms: number, stepMs = 0): number => {
    clock.wallMs += ms + stepMs;
    clock.steadyMs += ms;
    return watch.readStepMs();
  };
  const HOUR_MS = 3_600_000;
  expect([
    pass(1_000),
    pass(60_000, 500),
    pass(1_000, HOUR_MS),
    pass(1_000),
    pass(1_000, -2 * HOUR_MS),
    pass(0),
  ]).toEqual([0, 0, HOUR_MS + 500, 0, -2 * HOUR_MS, 0]);
});
