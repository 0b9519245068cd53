import * as built from '@costspan/api';
import { afterEach, expect, test } from 'vitest';
import * as source from '../src/index.ts';

const EVALUATOR: source.Evaluator = { name: 'tone', evaluate: () => true };

/** A runtime that notes what it is asked. */
function createRuntime(): source.ScopeRuntime & { readonly asked: unknown[] } {
  const asked: unknown[] = [];
  const task: source.Task = { id: '1', name: 'n', succeed() {}, fail() {}, abandon() {}, evaluate() {} };
  return {
    asked,
    withAttributes: (attributes, fn) => {
      asked.push(['withAttributes', attributes]);
      return fn();
    },
    withTask: (name, options, fn) => {
      asked.push(['withTask', name, options]);
      return fn(task);
    },
    currentTask: () => ({ id: '1', name: 'n', costUsd: 0.5, tokens: 3, calls: 1, unpricedCalls: 0 }),
    recordOutcome: (...told) => {
      asked.push(['recordOutcome', ...told]);
    },
    evaluateTask: (...told) => {
      asked.push(['evaluateTask', ...told]);
    },
    exportScope: () => 'costspan.task.id=1',
    withImportedScope: (exported, fn) => {
      asked.push(['withImportedScope', exported]);
      return fn();
    },
  };
}

const registered: source.ScopeRuntime[] = [];
afterEach(() => {
  for (const runtime of registered.splice(0)) source.unregisterRuntime(runtime);
});

test('two copies of the package share one runtime', () => {
  const runtime = createRuntime();
  registered.push(runtime);
  expect(built.registerRuntime(runtime)).toBe(true);
  const results = [source, built].map((api) => [
    api.withFeature('chat', () => 1),
    api.withAttributes({ tenant: 'acme' }, () => 2),
    api.withTask('a', (task) => task.id),
    api.withTask('b', { feature: 'f' }, (task) => task.name),
    api.currentTask()?.costUsd,
    api.recordOutcome('1', 'failure', { reason: 'r', score: 0 }),
    api.recordThumb('1', 'up', { score: 5 }),
    api.recordThumb('1', 'down'),
    api.recordReopened('1'),
    api.recordReopened('1', { reason: 'refunded' }),
    api.evaluateTask('1', EVALUATOR),
    api.withImportedScope(api.exportScope(), () => 3),
  ]);
  const told = Array.from({ length: 6 }, () => undefined);
  const result = [1, 2, '1', 'n', 0.5, ...told, 3];
  expect(results).toEqual([result, result]);
  const asked = [
    ['withAttributes', { feature: 'chat' }],
    ['withAttributes', { tenant: 'acme' }],
    ['withTask', 'a', {}],
    ['withTask', 'b', { feature: 'f' }],
    ['recordOutcome', '1', 'failure', { reason: 'r', score: 0 }],
    ['recordOutcome', '1', 'success', { reason: 'thumbs-up', score: 5, source: 'feedback' }],
    ['recordOutcome', '1', 'failure', { reason: 'thumbs-down', source: 'feedback' }],
    ['recordOutcome', '1', 'failure', { reason: 'reopened', source: 'feedback' }],
    ['recordOutcome', '1', 'failure', { reason: 'refunded', source: 'feedback' }],
    ['evaluateTask', '1', EVALUATOR],
    ['withImportedScope', 'costspan.task.id=1'],
  ];
  expect(runtime.asked).toEqual([...asked, ...asked]);
});

test('the first runtime stays, and only it can leave', () => {
  const [first, second] = [createRuntime(), createRuntime()];
  registered.push(first, second);
  expect([source.registerRuntime(first), source.registerRuntime(second)]).toEqual([true, false]);
  source.unregisterRuntime(second);
  source.withFeature('chat', () => {});
  expect([first.asked.length, second.asked.length]).toEqual([1, 0]);
  source.unregisterRuntime(first);
  expect(source.registerRuntime(second)).toBe(true);
});
