import {
  currentTask,
  exportScope,
  withAttributes,
  withFeature,
  withImportedScope,
  withTask,
} from '@costspan/api';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { startInMemory } from './started.ts';

const started = startInMemory();
const { attributor, spans, takeSpans } = started;
afterEach(() => {
  expect(started.errors.splice(0)).toEqual([]);
  takeSpans();
});
afterAll(() => attributor.stop());

const resolveHere = (): object => {
  const { task: _task, parent: _parent, ...rest } = attributor.resolve();
  return rest;
};

describe('a scope as text', () => {
  test('is W3C baggage of the known keys; nothing where there is nothing', () => {
    expect(exportScope()).toBeUndefined();
    const text = withAttributes({ userTier: 'pro', tenant: 'A, B & C=ö', sessionId: 's;1' }, () =>
      withTask('resolve ticket', { id: 'ticket-7', feature: 'support' }, exportScope),
    );
    expect(text).toBe(
      'costspan.task.id=ticket-7,costspan.task.name=resolve%20ticket,costspan.feature=support,' +
        'costspan.user.tier=pro,costspan.tenant=A%2C%20B%20%26%20C%3D%C3%B6,session.id=s%3B1',
    );
  });

  test('comes back whole, in place of the task at hand', () => {
    const attributes = { userTier: 'pro', tenant: 'A, B & C=ö', userId: '50 %', sessionId: '日本' };
    const text = withAttributes(attributes, () => withTask('there', { id: 't', feature: 'f' }, exportScope));
    const expected = { feature: 'f', taskId: 't', taskName: 'there', ...attributes };
    expect(withImportedScope(text, resolveHere)).toEqual(expected);
    expect(withTask('poll', () => withImportedScope(text, resolveHere))).toEqual(expected);
    expect(resolveHere()).toEqual({ feature: 'unattributed' });
  });

  test.each([
    ['nothing', undefined],
    ['no text', 7 as unknown as string],
    ['no baggage', 'hello world'],
    ['other keys', 'a=b,other.tenant=evil,costspan.cost.input=0'],
    ['a broken escape', 'costspan.task.id=%E0%A4%A'],
    ['an empty value', 'costspan.task.id='],
  ])('that holds %s changes nothing', (_name, text) => {
    withFeature('here', () => {
      expect(withImportedScope(text, resolveHere)).toEqual({ feature: 'here' });
    });
  });

  test('may be a whole header with spaces, properties and keys of others', () => {
    const header = 'app=1 , costspan.task.id = ticket-7 ;ttl=5;x, costspan.feature=a%20b';
    expect(withImportedScope(header, resolveHere)).toEqual({ feature: 'a b', taskId: 'ticket-7' });
  });

  test('is bounded, whatever the values; half a character is no error', () => {
    const long = `${'x'.repeat(255)}😀`;
    const wide = '本'.repeat(1000);
    const text = withAttributes({ tenant: wide, userId: wide, sessionId: wide, userTier: wide }, () =>
      withTask(wide, { id: long, feature: wide }, exportScope),
    );
    expect(text?.length).toBeLessThanOrEqual(8192);
    expect(withImportedScope(text, resolveHere)).toMatchObject({ taskId: `${'x'.repeat(255)}\ufffd` });
    const cut = `${'a=b,'.repeat(2040)}costspan.task.id=${'i'.repeat(100)}`;
    expect(withImportedScope(cut, resolveHere)).toEqual({ feature: 'unattributed' });
  });
});

describe('a task of another process', () => {
  test('has no span here, but sums and sub-tasks', () => {
    withImportedScope('costspan.task.id=far,costspan.task.name=resolve', () => {
      withTask('inner', { id: 'i' }, () =>
        attributor.noteCall(attributor.resolve(), { costPicoUsd: 2_000_000, tokens: 5 }),
      );
      expect(currentTask()).toEqual({
        id: 'far',
        name: 'resolve',
        costUsd: 0.000002,
        tokens: 5,
        calls: 1,
        unpricedCalls: 0,
      });
    });
    expect(spans.map(({ name, attributes }) => [name, attributes['costspan.task.parent.id']])).toEqual([
      ['task inner', 'far'],
    ]);
  });

  test('is this process’s own where it is open here', async () => {
    const [before] = await withTask('resolve', { id: 'near' }, async (task) => {
      const text = exportScope();
      await new Promise((done) => setTimeout(done, 1));
      return withTask('poll', () =>
        withImportedScope(text, () => {
          const { task: state } = attributor.resolve();
          task.succeed();
          return [state?.span !== undefined];
        }),
      );
    });
    expect(before).toBe(true);
  });
});

describe('tasks in tasks', () => {
  test('name the one around them, the nearest that is another', () => {
    withTask('a', { id: '1' }, () => {
      withTask('b', { id: '2' }, () => withTask('c', { id: '3' }, () => {}));
      withTask('a', { id: '1' }, () => withTask('d', { id: '4' }, () => {}));
    });
    expect(
      spans.map(({ attributes }) => [attributes['costspan.task.id'], attributes['costspan.task.parent.id']]),
    ).toEqual([
      ['1', undefined],
      ['2', '1'],
      ['3', '2'],
      ['1', undefined],
      ['4', '1'],
    ]);
  });

  test('that run at once below one parent keep their calls apart, and add up in it', async () => {
    const ids = Array.from({ length: 20 }, (_, n) => `attempt-${n}`);
    await withTask('best-of', { id: 'parent' }, async () => {
      const seen = await Promise.all(
        ids.map((id, n) =>
          withTask('attempt', { id }, async () => {
            await new Promise((done) => setTimeout(done, Math.random() * 10));
            attributor.noteCall(attributor.resolve(), { costPicoUsd: n * 1_000_000, tokens: n });
            return currentTask();
          }),
        ),
      );
      expect(seen.map((task) => [task?.id, task?.tokens])).toEqual(ids.map((id, n) => [id, n]));
      expect(currentTask()).toMatchObject({ id: 'parent', calls: 20, tokens: 190, costUsd: 0.00019 });
    });
    expect(spans.slice(1).map(({ attributes }) => attributes['costspan.task.parent.id'])).toEqual(
      ids.map(() => 'parent'),
    );
  });
});
