import { expect, it } from 'vitest';
import { MAX_DIGESTED_CHARS, readRequestDigest } from '../../src/record/digest.ts';

const body = (content: unknown, differs: object = {}) => ({
  model: 'gpt-5-mini',
  messages: [{ role: 'user', content }],
  ...differs,
});
const digest = (value: unknown, path = '/chat/completions') => readRequestDigest(path, value);

it('is the same for what asks the same, and another one for all else', () => {
  const asked = digest(body('What is 2 + 2?'));
  expect(asked).toMatch(/^[\w-]{16}$/);
  expect(digest(structuredClone(body('What is 2 + 2?')))).toBe(asked);
  expect(digest(body('What is 2 + 2?', { temperature: undefined }))).toBe(asked);
  expect(digest(body('What is 2 + 2?', { parse: () => 4 }))).toBe(asked);
  const others = [
    digest(body('What is 2 + 3?')),
    digest(body('What is 2 + 2?', { model: 'gpt-5' })),
    digest(body('What is 2 + 2?', { temperature: 0 })),
    digest(body('What is 2 + 2?'), '/responses'),
    digest(body(['What is 2 + 2?'])),
    digest({ ...body(''), messages: [body(''), body('')] }),
    digest({ a: 'b"1:c' }),
    digest({ 'a"1:b': 'c' }),
  ];
  expect(new Set([asked, ...others]).size).toBe(others.length + 1);
});

it('is none where the request cannot be told: too long, too deep, bytes, files', () => {
  expect(digest(body('x'.repeat(MAX_DIGESTED_CHARS)))).toBeUndefined();
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  for (const value of [circle, new Blob(['x']), Buffer.from('x'), [() => 1]])
    expect(digest(body(value))).toBeUndefined();
  for (const value of [undefined, 'text', 7]) expect(digest(value)).toBeUndefined();
});

it('reads what it is given once and calls nothing of it', () => {
  let calls = 0;
  const value = { toJSON: undefined, toString: undefined, text: 'x' };
  Object.defineProperty(value, 'hidden', { get: () => (calls += 1), enumerable: false });
  expect(digest(value)).toBeDefined();
  expect(calls).toBe(0);
});
