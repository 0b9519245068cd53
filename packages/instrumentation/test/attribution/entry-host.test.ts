/** Where a request was sent that asks a model, and how its sender knows that host. */
import { expect, it } from 'vitest';
import { readEntryHost } from '../../src/attribution/entry-host.ts';

const PATH = '/v1/chat/completions';
const read = (headers: Record<string, string | string[]>, target = PATH, method = 'POST') =>
  readEntryHost({ method, readTarget: () => target }, headers);

it.each([
  [{ host: 'llm.internal:4000' }, 'llm.internal:4000'],
  [{ host: 'LLM.internal:80' }, 'llm.internal'],
  [{ host: 'llm.internal:443' }, 'llm.internal'],
  [{ host: 'llm.internal' }, 'llm.internal'],
  [{ host: '[::1]:4000' }, '::1:4000'],
  [{ ':authority': 'llm.internal:4000' }, 'llm.internal:4000'],
  [{ host: 'upstream:8080', 'x-forwarded-host': 'llm.example, between:1' }, 'llm.example'],
  [{ host: 'no host' }, undefined],
  [{ host: '' }, undefined],
  [{ host: 'llm.internal', 'x-forwarded-host': ['a', 'b'] }, undefined],
  [{}, undefined],
])('%o is %s', (headers, host) => {
  expect(read(headers)).toBe(host);
});

it('is of requests alone that ask a model', () => {
  const headers = { host: 'llm.internal:4000' };
  for (const path of [
    `${PATH}?a=/b`,
    '/openai/v1/responses',
    '/v1/messages',
    '/v1/models/x:generateContent',
    '/v1/audio/translations',
    '/chat/completions',
  ])
    expect(read(headers, path), path).toBe('llm.internal:4000');
  for (const path of ['/chat', '/api/chat', '/rooms/1/messages', '/v1/models', '/', `/tickets?from=${PATH}`])
    expect(read(headers, path), path).toBeUndefined();
  expect(read(headers, PATH, 'GET')).toBeUndefined();
});
