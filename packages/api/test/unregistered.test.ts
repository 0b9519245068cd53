import { describe, expect, test } from 'vitest';
import {
  currentTask,
  evaluateTask,
  exportScope,
  forceFlush,
  recordOutcome,
  recordReopened,
  recordThumb,
  reportInvalidOutput,
  withAttributes,
  withFeature,
  withImportedScope,
  withTask,
} from '../src/index.ts';

/** A promise as the SDKs make them: of a class of its own, with more than a promise has. */
class OwnPromise<T> extends Promise<T> {
  extra = true;
}

async function* count(): AsyncGenerator<number> {
  yield 1;
}

describe('without a registered runtime', () => {
  const values: readonly (readonly [string, unknown])[] = [
    ['undefined', undefined],
    ['a number', 42],
    ['an object', { a: 1 }],
    ['a plain promise', Promise.resolve(1)],
    ['a promise of another class', OwnPromise.resolve(1)],
    ['an async generator', count()],
  ];
  test.each(values)('every scope returns the very value: %s', (_name, value) => {
    expect(withFeature('chat', () => value)).toBe(value);
    expect(withAttributes({ userTier: 'pro' }, () => value)).toBe(value);
    expect(withTask('resolve', () => value)).toBe(value);
    expect(withTask('resolve', { id: 'a' }, () => value)).toBe(value);
    expect(withImportedScope('costspan.task.id=1', () => value)).toBe(value);
  });

  test('what fn throws comes out unchanged, and fn runs once', () => {
    const error = new Error('application');
    let runs = 0;
    const fail = (): never => {
      runs += 1;
      throw error;
    };
    expect(() => withFeature('chat', fail)).toThrow(error);
    expect(() => withTask('resolve', fail)).toThrow(error);
    expect(runs).toBe(2);
  });

  test('there is nothing to flush', async () => {
    expect(await forceFlush()).toBeUndefined();
    expect(await forceFlush({ timeoutMs: 1 })).toBeUndefined();
  });

  test('a rejection stays the same rejection', async () => {
    const error = new Error('application');
    await expect(withTask('resolve', async () => Promise.reject(error))).rejects.toBe(error);
  });

  test('the task has an id that can be stored and outcomes that go nowhere', () => {
    withTask('resolve', { id: 'ticket-7' }, (task) => {
      expect([task.id, task.name]).toEqual(['ticket-7', 'resolve']);
      const { succeed, fail, abandon } = task;
      expect([succeed(), fail('x'), abandon()]).toEqual([undefined, undefined, undefined]);
    });
    const [one, other] = [withTask('a', (task) => [task.id, task.id]), withTask('a', (task) => task.id)];
    expect(one[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(one[1]).toBe(one[0]);
    expect(other).not.toBe(one[0]);
  });

  test('there is no current task, and an outcome is no error', () => {
    expect(withTask('resolve', () => currentTask())).toBeUndefined();
    expect(recordOutcome('ticket-7', 'success')).toBeUndefined();
    expect(recordThumb('ticket-7', 'up')).toBeUndefined();
    expect(recordReopened('ticket-7')).toBeUndefined();
    expect(reportInvalidOutput('schema')).toBeUndefined();
    expect(exportScope()).toBeUndefined();
  });

  test('no evaluator runs: its verdict would go nowhere', async () => {
    let runs = 0;
    const evaluator = { name: 'tone', evaluate: () => ++runs };
    withTask('resolve', (task) => task.evaluate(evaluator));
    evaluateTask('ticket-7', evaluator);
    await new Promise((done) => setTimeout(done, 20));
    expect(runs).toBe(0);
  });
});
