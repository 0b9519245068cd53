import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { withAttributes, withFeature } from '@costspan/api';
import { afterAll, describe, expect, test } from 'vitest';
import { currentCall, runWithCall } from '../../src/attribution/scope.ts';
import { MAX_SCOPE_VALUE_CHARS } from '../../src/attribution/scope-value.ts';
import { resolve, startInMemory } from './started.ts';

const started = startInMemory({ COSTSPAN_FEATURE: 'from-environment' });
const { attributor } = started;
afterAll(() => {
  attributor.stop();
  expect(started.errors).toEqual([]);
});
const feature = (): string => attributor.resolve().feature;

describe('scopes', () => {
  test('outside any, the environment names the feature', () => {
    expect(attributor.resolve()).toEqual({ feature: 'from-environment' });
  });

  test('an inner scope adds to the outer one and ends with it', () => {
    const seen: object[] = [];
    withAttributes({ userTier: 'free', tenant: 'acme', userId: 'u1', sessionId: 's1' }, () => {
      withFeature('chat', () => {
        withAttributes({ userTier: 'pro', tenant: undefined }, () => seen.push(attributor.resolve()));
        seen.push(attributor.resolve());
      });
      seen.push(attributor.resolve());
    });
    const user = { tenant: 'acme', userId: 'u1', sessionId: 's1' };
    expect(seen).toEqual([
      { feature: 'chat', userTier: 'pro', ...user },
      { feature: 'chat', userTier: 'free', ...user },
      { feature: 'from-environment', userTier: 'free', ...user },
    ]);
    expect(feature()).toBe('from-environment');
  });

  test('it holds across await, timers, microtasks and events of its own emitters', async () => {
    const seen = await withFeature('chat', async () => {
      const emitter = new EventEmitter();
      const emitted = new Promise((done) => emitter.once('x', () => done(feature())));
      setImmediate(() => emitter.emit('x'));
      await sleep(1);
      return [feature(), await emitted, await new Promise((done) => queueMicrotask(() => done(feature())))];
    });
    expect(seen).toEqual(['chat', 'chat', 'chat']);
  });

  test('parallel scopes do not see each other', async () => {
    const names = Array.from({ length: 50 }, (_, n) => `feature-${n}`);
    const seen = await Promise.all(
      names.map((name) =>
        withFeature(name, async () => {
          await sleep(Math.random() * 10);
          return feature();
        }),
      ),
    );
    expect(seen).toEqual(names);
  });

  test('values that are no text are read or left out, long ones cut', () => {
    const odd = { feature: 'x'.repeat(1000), userId: 42, tenant: {}, userTier: '' } as unknown as {
      feature: string;
    };
    expect(withAttributes(odd, () => attributor.resolve())).toEqual({
      feature: 'x'.repeat(MAX_SCOPE_VALUE_CHARS),
      userId: '42',
    });
    expect(withAttributes(undefined as unknown as object, () => 'ran')).toBe('ran');
    expect(started.errors.splice(0)).toHaveLength(1);
  });
});

describe('what fn returns', () => {
  test('is the very object, promises included', () => {
    const promise = Promise.resolve(1);
    expect(withFeature('chat', () => promise)).toBe(promise);
  });

  test('an async generator is the same object and its body runs in the scope, whoever reads it', async () => {
    let made: AsyncGenerator<string> | undefined;
    const generator = withFeature('chat', () => {
      made = (async function* () {
        try {
          yield feature();
          await sleep(1);
          yield feature();
        } finally {
          await sleep(1);
          afterwards.push(feature());
        }
      })();
      return made;
    });
    const afterwards: string[] = [];
    expect(generator).toBe(made);
    const seen: string[] = [];
    for await (const value of generator) {
      seen.push(value, feature());
      if (seen.length === 4) break;
    }
    expect(seen).toEqual(['chat', 'from-environment', 'chat', 'from-environment']);
    expect(afterwards).toEqual(['chat']);
    expect(Object.keys(generator)).toEqual([]);
  });

  test('a sync generator too, with values sent in and errors thrown in', () => {
    const generator = withFeature('chat', function* (): Generator<string, string, string> {
      const sent = yield feature();
      try {
        yield sent + feature();
      } catch (error) {
        return `${(error as Error).message} ${feature()}`;
      }
      return 'never';
    });
    expect(generator.next()).toEqual({ value: 'chat', done: false });
    expect(generator.next('sent ')).toEqual({ value: 'sent chat', done: false });
    expect(generator.throw(new Error('thrown'))).toEqual({ value: 'thrown chat', done: true });
  });
});

test('the call at hand is known inside of it, and the scope stays', async () => {
  const call = { id: 1 };
  const inside = await withFeature('chat', () =>
    runWithCall(call, async () => [currentCall(), resolve(started)]),
  );
  expect(inside).toEqual([call, { feature: 'chat' }]);
  expect(currentCall()).toBeUndefined();
});
