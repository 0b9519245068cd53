import { expect, it } from 'vitest';
import { createRandom } from '../../aggregate/test/records.ts';
import { BodyBuffers } from '../src/receive/body-buffers.ts';
import { decodeProtobuf } from '../src/receive/decode.ts';
import { decodeJson } from '../src/receive/decode-json.ts';
import { encodeJson, encodeProtobuf, recordSpans } from './spans.ts';

it('a body is its pieces one behind the other, and nobody else writes into it before it is given back', () => {
  const random = createRandom(3);
  const buffers = new BodyBuffers();
  const under: { body: Buffer; expected: Buffer }[] = [];
  for (let run = 0; run < 600; run += 1) {
    const pieces = Array.from({ length: 1 + Math.floor(random() * 40) }, () =>
      Buffer.alloc(Math.floor(random() * 70_000), Math.floor(random() * 256)),
    );
    const expected = Buffer.concat(pieces);
    under.push({ body: buffers.join(pieces, expected.length), expected });
    if (under.length < 20) continue;
    const { body } = under.splice(Math.floor(random() * under.length), 1)[0]!;
    buffers.giveBack(body);
    for (const one of under.slice(-3)) expect(one.body.equals(one.expected)).toBe(true);
  }
  for (const { body, expected } of under) expect(body.equals(expected)).toBe(true);
});

it('a buffer is used again', () => {
  const buffers = new BodyBuffers();
  const first = buffers.join([Buffer.alloc(100_000, 1)], 100_000);
  buffers.giveBack(first);
  const second = buffers.join([Buffer.alloc(90_000, 2)], 90_000);
  expect(second.buffer).toBe(first.buffer);
});

it.each([
  ['protobuf', encodeProtobuf, decodeProtobuf],
  ['JSON', encodeJson, decodeJson],
] as const)('nothing that is read from %s lies in the body', (_, encode, decode) => {
  const body = encode(recordSpans());
  const expected = decode(Buffer.from(body));
  const read = decode(body);
  body.fill(0x7e);
  expect(expected.spans.length).toBeGreaterThan(0);
  expect(read).toEqual(expected);
});
