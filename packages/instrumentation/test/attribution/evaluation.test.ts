import { currentTask, evaluateTask, recordOutcome, type Verdict, withFeature, withTask } from '@costspan/api';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { MAX_RUNNING_EVALUATIONS, MAX_WAITING_EVALUATIONS } from '../../src/attribution/evaluation.ts';
import { until } from './served.ts';
import { startInMemory } from './started.ts';

const started = startInMemory();
const { attributor, spans } = started;
afterEach(() => {
  expect(started.errors.splice(0)).toEqual([]);
  spans.length = 0;
});
afterAll(() => attributor.stop());

const areEnded = (): boolean => spans.length > 0 && spans.every(({ isEnded }) => isEnded);
const readOutcome = (): unknown[] =>
  ['', '.source', '.reason'].map((rest) => spans[0]?.attributes[`costspan.task.outcome${rest}`]);
const readEvents = (): object[] =>
  spans.flatMap(({ events }) => events.map(({ name, attributes }) => ({ name, ...attributes })));

const NAMED = { name: 'gen_ai.evaluation.result', 'gen_ai.evaluation.name': 'tone' };
const VALUE = 'gen_ai.evaluation.score.value';
const LABEL = 'gen_ai.evaluation.score.label';
const NOTHING = [undefined, undefined, undefined];

describe('a verdict', () => {
  test.each<[string, () => Verdict | Promise<Verdict>, object, unknown[]]>([
    ['true', () => true, { [LABEL]: 'pass' }, ['success', 'evaluation', undefined]],
    ['false', async () => false, { [LABEL]: 'fail' }, ['failure', 'evaluation', 'tone']],
    ['a score', () => 0.25, { [VALUE]: 0.25 }, NOTHING],
    [
      'an evaluation',
      async () => ({ isSuccess: false, score: 2, label: 'rude', explanation: 'shouts' }),
      { [VALUE]: 2, [LABEL]: 'rude', 'gen_ai.evaluation.explanation': 'shouts' },
      ['failure', 'evaluation', 'tone'],
    ],
    ['none', () => undefined as unknown as Verdict, { 'error.type': 'TypeError' }, NOTHING],
    [
      'a throw',
      () => {
        throw new RangeError('judge');
      },
      { 'error.type': 'RangeError' },
      NOTHING,
    ],
    ['a rejection', () => Promise.reject('judge'), { 'error.type': '_OTHER' }, NOTHING],
    ['silence', () => new Promise<Verdict>(() => {}), { 'error.type': 'timeout' }, NOTHING],
  ])('%s is an event on the task’s span', async (_name, evaluate, attributes, outcome) => {
    withTask('resolve', (task) => task.evaluate({ name: 'tone', evaluate, timeoutSeconds: 0.05 }));
    await until(areEnded);
    expect(readEvents()).toEqual([{ ...NAMED, ...attributes }]);
    expect(readOutcome()).toEqual(outcome);
  });

  test('that failed outweighs those that passed; both are told', async () => {
    withTask('resolve', (task) => {
      for (const verdict of [true, false, true]) task.evaluate({ name: 'tone', evaluate: () => verdict });
    });
    await until(areEnded);
    expect(readEvents()).toHaveLength(3);
    expect(readOutcome()).toEqual(['failure', 'evaluation', 'tone']);
  });

  test.each([
    ['inside', (say: () => void) => say(), () => {}],
    ['while it is judged', () => {}, (say: () => void) => say()],
  ])('yields to what the application says %s', async (_name, inside, judging) => {
    const say = (): void => recordOutcome('ticket-7', 'success');
    withTask('resolve', { id: 'ticket-7' }, (task) => {
      inside(say);
      task.evaluate({
        name: 'tone',
        evaluate: () => {
          judging(say);
          return false;
        },
      });
    });
    await until(areEnded);
    expect(readOutcome()).toEqual(['success', 'api', undefined]);
    expect(readEvents()).toEqual([{ ...NAMED, [LABEL]: 'fail' }]);
  });
});

describe('a judge', () => {
  test('runs after the caller has its result; the span ends when the function did', async () => {
    const order: string[] = [];
    const result = await withTask('resolve', async (task) => {
      const evaluate = async (): Promise<Verdict> => {
        order.push('judge');
        await new Promise((done) => setTimeout(done, 50));
        return true;
      };
      task.evaluate({ name: 'tone', evaluate });
      order.push('task');
      return 7;
    });
    order.push('caller');
    const returnedMs = Date.now();
    await until(areEnded);
    expect([result, order]).toEqual([7, ['task', 'caller', 'judge']]);
    expect(Date.now() - returnedMs).toBeGreaterThanOrEqual(45);
    expect(spans[0]?.endMs).toBeLessThanOrEqual(returnedMs);
  });

  test('costs nothing to the task, and is feature evaluation whatever it says', async () => {
    const seen: unknown[] = [];
    const outer = withFeature('support', () =>
      withTask('outer', () =>
        withTask('resolve', { id: 'ticket-7', userTier: 'pro' }, (task) => {
          task.evaluate({
            name: 'tone',
            evaluate: () => {
              seen.push(attributor.resolve(), currentTask());
              withFeature('hidden', () =>
                attributor.noteCall(attributor.resolve(), { costPicoUsd: 1, tokens: 1 }),
              );
              seen.push(withFeature('hidden', () => attributor.resolve()));
              return true;
            },
          });
          return currentTask;
        }),
      ),
    );
    await until(areEnded);
    const judge = { feature: 'evaluation', userTier: 'pro' };
    expect(seen).toEqual([judge, undefined, judge]);
    expect(outer()).toBeUndefined();
  });

  test('that begins its work when it is asked for its verdict is no part of the task either', async () => {
    const seen: unknown[] = [];
    const begin = (onVerdict: (verdict: Verdict) => unknown): void => {
      seen.push(attributor.resolve());
      onVerdict(true);
    };
    // As query builders are.
    const lazy = Object.defineProperty({}, 'then', { value: begin }) as PromiseLike<Verdict>;
    withTask('resolve', (task) => task.evaluate({ name: 'tone', evaluate: () => lazy }));
    await until(areEnded);
    expect([seen, readOutcome()]).toEqual([
      [{ feature: 'evaluation' }],
      ['success', 'evaluation', undefined],
    ]);
  });

  test('is not asked about a task that threw', async () => {
    let runs = 0;
    expect(() =>
      withTask('resolve', (task) => {
        task.evaluate({ name: 'tone', evaluate: () => ++runs });
        throw new TypeError('application');
      }),
    ).toThrow('application');
    await new Promise((done) => setTimeout(done, 20));
    expect([runs, readOutcome()]).toEqual([0, ['failure', 'exception', undefined]]);
  });

  test('sees the share of tasks that was asked for', async () => {
    let runs = 0;
    for (const sampleRate of [0, 0.5, 1])
      for (let task = 0; task < 200; task += 1)
        withTask('resolve', ({ evaluate }) => evaluate({ name: 'tone', evaluate: () => ++runs, sampleRate }));
    await until(areEnded);
    expect(runs).toBeGreaterThan(200 + 50);
    expect(runs).toBeLessThan(200 + 150);
  });

  test('has few beside it; who finds no room is refused, with a word, and its task ends', async () => {
    const release: (() => void)[] = [];
    const most = { running: 0 };
    const tasks = MAX_RUNNING_EVALUATIONS + MAX_WAITING_EVALUATIONS + 3;
    const evaluate = (): Promise<Verdict> =>
      new Promise((done) => {
        release.push(() => done(true));
        most.running = Math.max(most.running, release.length);
      });
    for (let task = 0; task < tasks; task += 1)
      withTask('resolve', (handle) => handle.evaluate({ name: 'tone', evaluate }));
    expect(started.errors.splice(0)).toHaveLength(3);
    await until(() => {
      for (const done of release.splice(0)) done();
      return areEnded();
    });
    expect(most.running).toBe(MAX_RUNNING_EVALUATIONS);
    expect(spans.filter(({ events }) => events.length === 1)).toHaveLength(tasks - 3);
  });

  test('is told when its time is over', async () => {
    let isAborted = false;
    withTask('resolve', (task) =>
      task.evaluate({
        name: 'tone',
        timeoutSeconds: 0.02,
        evaluate: (signal) =>
          new Promise(() =>
            signal.addEventListener('abort', () => {
              isAborted = true;
            }),
          ),
      }),
    );
    await until(() => isAborted);
    expect(areEnded()).toBe(true);
  });

  test('that is none is refused, and the task goes on', () => {
    withTask('resolve', (task) => {
      task.evaluate({ name: 'tone' } as never);
      task.evaluate(undefined as never);
      for (let n = 0; n < 17; n += 1) task.evaluate({ name: '', evaluate: () => true });
    });
    expect(started.errors.splice(0)).toHaveLength(19);
    expect(areEnded()).toBe(true);
  });

  test('that the process does not wait for leaves the task without a verdict, which comes on its own', async () => {
    withTask('resolve', (task) =>
      task.evaluate({ name: 'tone', evaluate: () => new Promise(() => {}), timeoutSeconds: 0.01 }),
    );
    attributor.endOpenTasks({ outcome: 'failure', source: 'exception' });
    expect([areEnded(), readOutcome(), readEvents()]).toEqual([true, NOTHING, []]);
    await until(() => spans.length === 2 && areEnded());
    expect(spans[1]?.name).toBe('task outcome');
  });
});

describe('by its id', () => {
  test('an open task is judged at its end', async () => {
    withTask('resolve', { id: 'ticket-7' }, () => {
      evaluateTask('ticket-7', { name: 'tone', evaluate: () => false });
    });
    await until(areEnded);
    expect([spans.length, readOutcome(), readEvents()]).toEqual([
      1,
      ['failure', 'evaluation', 'tone'],
      [{ ...NAMED, [LABEL]: 'fail' }],
    ]);
  });

  test('a task of yesterday is judged now, on a span of its own', async () => {
    evaluateTask('ticket-6', { name: 'tone', evaluate: async () => ({ isSuccess: true, score: 0.9 }) });
    await until(areEnded);
    expect(spans[0]).toMatchObject({ name: 'task outcome', attributes: { 'costspan.task.id': 'ticket-6' } });
    expect(readOutcome()).toEqual(['success', 'evaluation', undefined]);
    expect(readEvents()).toEqual([{ ...NAMED, [VALUE]: 0.9, [LABEL]: 'pass' }]);
  });
});
