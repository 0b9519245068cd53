import { expect, test } from 'vitest';
import { bareUndici } from '../../src/net/outgoing-baggage.ts';

/** As undici has it when it tells of it: others may still add to its headers, the application does not see it. */
const made = (headers: unknown, isToProvider = true) => {
  const request = { origin: 'https://api.openai.com', path: '/', method: 'GET', headers };
  bareUndici(request, () => isToProvider);
  return request;
};

test('takes ours out of a list, whenever it came in', () => {
  const list = ['accept', '*/*', 'Baggage', 'a=1,costspan.feature=x'];
  const request = made(list);
  (request.headers as string[]).push('baggage', 'costspan.task.id=t1', 'x', 'y');
  expect(request.headers).toBe(list);
  expect(list).toEqual(['accept', '*/*', 'Baggage', 'a=1', 'x', 'y']);
});

test('takes ours out of a text, as undici 5 has it', () => {
  const request = made('accept: */*\r\n');
  request.headers += 'baggage: a=$1,costspan.feature=x\r\nx: baggage: user.id=1\r\n';
  expect(request.headers).toBe('accept: */*\r\nbaggage: a=$1\r\nx: baggage: user.id=1\r\n');
  request.headers = 'baggage: costspan.feature=x\r\nhost: h\r\n';
  expect(request.headers).toBe('host: h\r\n');
});

test('leaves alone what it does not know', () => {
  for (const headers of [undefined, null, 7, { baggage: 'costspan.feature=x' }])
    expect(made(headers).headers).toBe(headers);
});

test('leaves all of it where the request goes to the application’s own', () => {
  const request = made(['baggage', 'costspan.feature=x'], false);
  expect(request.headers).toEqual(['baggage', 'costspan.feature=x']);
});
