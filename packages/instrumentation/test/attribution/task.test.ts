import { setTimeout as sleep } from 'node:timers/promises';
import { currentTask, recordOutcome, reportInvalidOutput, withFeature, withTask } from '@costspan/api';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { startInMemory } from './started.ts';

const started = startInMemory();
const { attributor, takeSpans } = started;
afterEach(() => expect(started.errors.splice(0)).toEqual([]));
afterAll(() => attributor.stop());

const BASE = {
  name: 'task resolve',
  'costspan.feature': 'unattributed',
  'costspan.task.name': 'resolve',
  isEnded: true,
};
const outcome = (is: string, source: string, reason?: string): object => ({
  'costspan.task.outcome': is,
  'costspan.task.outcome.source': source,
  ...(reason !== undefined && { 'costspan.task.outcome.reason': reason }),
});

/** A promise that begins its work when it is asked for, as query builders make them. */
function createLazyQuery(): PromiseLike<string> & { starts: number } {
  const query = { starts: 0 };
  const ask = (onValue: (value: string) => unknown): Promise<unknown> => {
    query.starts += 1;
    return Promise.resolve('rows').then(onValue);
  };
  return Object.defineProperty(query, 'then', { value: ask, configurable: true }) as PromiseLike<string> & {
    starts: number;
  };
}
/** A promise of a class of its own, as the SDKs make them. */
class OwnPromise<T> extends Promise<T> {}

describe('the outcome of a task', () => {
  test('that is said is carried, the last one of several, with its reason', async () => {
    await withTask('resolve', async (task) => task.succeed());
    await withTask('resolve', async (task) => task.fail('escalated'));
    withTask('resolve', (task) => {
      task.succeed();
      task.abandon('hung up');
    });
    expect(takeSpans()).toEqual([
      { ...BASE, ...outcome('success', 'api') },
      { ...BASE, ...outcome('failure', 'api', 'escalated') },
      { ...BASE, ...outcome('abandoned', 'api', 'hung up') },
    ]);
  });

  test('shows an answer without its form, unless a later call made it good', () => {
    const noteCall = () => attributor.noteCall(attributor.resolve(), { costPicoUsd: 1, tokens: 1 });
    withTask('resolve', () => {
      noteCall();
      reportInvalidOutput('schema');
    });
    withTask('resolve', () => reportInvalidOutput());
    withTask('resolve', () => {
      noteCall();
      reportInvalidOutput('schema');
      noteCall();
    });
    reportInvalidOutput('outside of any task');
    const invalid = (reason: string) => ({ ...BASE, 'costspan.output.validation.error': reason });
    expect(takeSpans()).toEqual([invalid('schema'), invalid('invalid_output'), BASE]);
  });

  test('of a normal return without a word is left open', async () => {
    expect(withTask('resolve', () => 7)).toBe(7);
    await expect(withTask('resolve', async () => 8)).resolves.toBe(8);
    expect(takeSpans()).toEqual([BASE, BASE]);
  });

  test('of a throw is failure, and the error is the same', async () => {
    const error = new TypeError('application');
    const fail = (): never => {
      throw error;
    };
    expect(() => withTask('resolve', fail)).toThrow(error);
    await expect(withTask('resolve', async () => fail())).rejects.toBe(error);
    const failed = { ...BASE, ...outcome('failure', 'exception'), 'error.type': 'TypeError' };
    expect(takeSpans()).toEqual([failed, failed]);
  });

  test('that was said before a throw stays', () => {
    expect(() =>
      withTask('resolve', (task) => {
        task.succeed();
        throw new Error('while cleaning up');
      }),
    ).toThrow('while cleaning up');
    expect(takeSpans()).toEqual([{ ...BASE, ...outcome('success', 'api'), 'error.type': 'Error' }]);
  });

  test('told later goes out as a span of its own', () => {
    const id = withTask('resolve', { id: 'ticket-7' }, (task) => task.id);
    recordOutcome(id, 'failure', { reason: 'reopened', score: 0.2 });
    const [task, late] = started.spans.splice(0);
    expect(task?.attributes['costspan.task.id']).toBe('ticket-7');
    expect([late?.name, late?.isEnded, late?.attributes]).toEqual([
      'task outcome',
      true,
      {
        'costspan.task.id': 'ticket-7',
        ...outcome('failure', 'api', 'reopened'),
        'gen_ai.evaluation.score.value': 0.2,
      },
    ]);
  });

  test('told by id while the task runs is carried by its own span', () => {
    withTask('resolve', (task) => recordOutcome(task.id, 'success'));
    expect(takeSpans()).toEqual([{ ...BASE, ...outcome('success', 'api') }]);
  });

  test('that is none is refused, without harm', () => {
    recordOutcome('ticket-7', 'great' as 'success');
    recordOutcome(undefined as unknown as string, 'success');
    expect(takeSpans()).toEqual([]);
    expect(started.errors.splice(0)).toHaveLength(2);
  });
});

describe('the end of a task', () => {
  test('is when its promise settles', async () => {
    const running = withTask('resolve', () => sleep(5));
    expect(started.spans[0]?.isEnded).toBe(false);
    await running;
    expect(takeSpans()).toEqual([BASE]);
  });

  test('of a promise of another class is when its value arrives; the object is the same', async () => {
    const promise = OwnPromise.resolve('value');
    const result = withTask('resolve', () => promise);
    expect(result).toBe(promise);
    expect(await result).toBe('value');
    const error = new Error('application');
    const rejected = withTask('resolve', () => OwnPromise.reject(error));
    await expect(rejected.catch((caught: unknown) => caught)).resolves.toBe(error);
    expect(takeSpans()).toEqual([
      BASE,
      { ...BASE, ...outcome('failure', 'exception'), 'error.type': 'Error' },
    ]);
  });

  test('a lazy query is not begun for our sake and not begun twice', async () => {
    const lazy = createLazyQuery();
    const result = withTask('resolve', () => lazy);
    expect(result).toBe(lazy);
    expect(lazy.starts).toBe(0);
    expect(await result).toBe('rows');
    expect(lazy.starts).toBe(1);
    expect(takeSpans()).toEqual([BASE]);
  });

  test('of a frozen promise of another class is at once', async () => {
    const promise = Object.freeze(OwnPromise.resolve('value'));
    expect(withTask('resolve', () => promise)).toBe(promise);
    expect(takeSpans()).toEqual([BASE]);
    expect(await promise).toBe('value');
  });

  test('of a generator is its last step, a break or its error', async () => {
    const generate = () =>
      withTask('resolve', async function* () {
        yield currentTask()?.name;
        throw new RangeError('application');
      });
    for await (const name of generate()) {
      expect([name, started.spans[0]?.isEnded, currentTask()]).toEqual(['resolve', false, undefined]);
      break;
    }
    const generator = generate();
    await generator.next();
    await expect(generator.next()).rejects.toThrow('application');
    expect(takeSpans()).toEqual([
      BASE,
      { ...BASE, ...outcome('failure', 'exception'), 'error.type': 'RangeError' },
    ]);
  });

  test('comes at the latest with the process', () => {
    withTask('resolve', () => new Promise(() => {}));
    withTask('resolve', (task) => {
      task.succeed();
      return new Promise(() => {});
    });
    attributor.endOpenTasks({ outcome: 'failure', source: 'exception' });
    attributor.endOpenTasks();
    expect(takeSpans()).toEqual([
      { ...BASE, ...outcome('failure', 'exception') },
      { ...BASE, ...outcome('success', 'api') },
    ]);
  });
});

describe('what a task has used', () => {
  test('is known inside of it, sub-tasks included; unknown cost is never 0', () => {
    const spend = (costPicoUsd: number | undefined, tokens: number): void =>
      attributor.noteCall(attributor.resolve(), { costPicoUsd, tokens });
    withTask('outer', { id: 'o' }, () => {
      expect(currentTask()).toEqual({
        id: 'o',
        name: 'outer',
        costUsd: 0,
        tokens: 0,
        calls: 0,
        unpricedCalls: 0,
      });
      withTask('inner', { id: 'i' }, () => {
        spend(undefined, 10);
        expect(currentTask()).toEqual({
          id: 'i',
          name: 'inner',
          costUsd: undefined,
          tokens: 10,
          calls: 1,
          unpricedCalls: 1,
        });
      });
      spend(1_500_000, 20);
      expect(currentTask()).toEqual({
        id: 'o',
        name: 'outer',
        costUsd: 0.0000015,
        tokens: 30,
        calls: 2,
        unpricedCalls: 1,
      });
    });
    expect(currentTask()).toBeUndefined();
    takeSpans();
  });

  test('its calls carry it, its feature and its span as parent; a task inside has that as parent too', () => {
    withFeature('support', () =>
      withTask('outer', { id: 'o', userTier: 'pro' }, () => {
        const { task: _task, parent, ...rest } = attributor.resolve();
        expect(rest).toEqual({ feature: 'support', taskId: 'o', taskName: 'outer', userTier: 'pro' });
        expect(parent?.spanId).toBe(started.spans[0]?.spanId);
        withTask('inner', { feature: 'tools' }, () => {});
        expect(started.spans[1]?.parent).toEqual(parent);
      }),
    );
    expect(takeSpans()).toEqual([
      {
        name: 'task outer',
        'costspan.feature': 'support',
        'costspan.task.name': 'outer',
        'costspan.user.tier': 'pro',
        isEnded: true,
      },
      {
        name: 'task inner',
        'costspan.feature': 'tools',
        'costspan.task.name': 'inner',
        'costspan.user.tier': 'pro',
        isEnded: true,
      },
    ]);
  });
});
