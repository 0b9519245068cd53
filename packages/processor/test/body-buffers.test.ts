import { expect, it } from 'vitest';
import { createRandom } from '../../aggregate/test/records.ts';
import { BodyBuffers, GrowingBody } from '../src/receive/body-buffers.ts';
import { decodeProtobuf } from '../src/receive/decode.ts';
import { decodeJson } from '../src/receive/decode-json.ts';
import { encodeJson, encodeProtobuf, recordSpans } from './spans.ts';

it('a body is its pieces one behind the other, and nobody else writes into it before it is given back', () => {
  const random = createRandom(3);
  const buffers = new BodyBuffers();
  const under: { body: GrowingBody; read: Buffer; expected: Buffer }[] = [];
  for (let run = 0; run < 600; run += 1) {
    const pieces = Array.from({ length: 1 + Math.floor(random() * 40) }, () =>
      Buffer.alloc(Math.floor(random() * 70_000), Math.floor(random() * 256)),
    );
    pieces.push(Buffer.alloc(0));
    const expected = Buffer.concat(pieces);
    const body = new GrowingBody(buffers);
    // What is announced may be right, too little, nothing or far too much.
    const announced = [expected.length, expected.length >> 1, 0, 1e9][run % 4]!;
    for (const piece of pieces) body.add(piece, announced);
    under.push({ body, read: body.read(), expected });
    if (under.length < 20) continue;
    under.splice(Math.floor(random() * under.length), 1)[0]!.body.giveBack();
    for (const one of under.slice(-3)) expect(one.read.equals(one.expected)).toBe(true);
  }
  for (const { read, expected } of under) expect(read.equals(expected)).toBe(true);
});

it('a buffer is used again, and by one body at a time however often it is given back', () => {
  const buffers = new BodyBuffers();
  const create = (): GrowingBody => {
    const body = new GrowingBody(buffers);
    body.add(Buffer.alloc(100_000, 1), 0);
    return body;
  };
  const first = create();
  const { buffer } = first.read();
  first.giveBack();
  first.giveBack();
  const [second, third] = [create(), create()];
  expect(second.read().buffer).toBe(buffer);
  expect(third.read().buffer).not.toBe(buffer);
});

it('of a length that is only announced no more memory is taken than is used again', () => {
  const body = new GrowingBody(new BodyBuffers());
  body.add(Buffer.alloc(100_000), 1e9);
  expect(body.read().buffer.byteLength).toBe(2 * 1024 * 1024);
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
