import { expect, it } from 'vitest';
import { FrameReader } from '../../src/call/frames.ts';

/** A frame of AWS' event streams with one header of a text; its checksums are nobody's concern here. */
function frame(name: string, payload: string): Buffer {
  const key = Buffer.from(':event-type');
  const value = Buffer.from(name);
  const headers = Buffer.concat([Buffer.from([key.length]), key, Buffer.from([7, 0, value.length]), value]);
  const size = 12 + headers.length + Buffer.byteLength(payload) + 4;
  const prelude = Buffer.alloc(12);
  prelude.writeUInt32BE(size, 0);
  prelude.writeUInt32BE(headers.length, 4);
  return Buffer.concat([prelude, headers, Buffer.from(payload), Buffer.alloc(4)]);
}

function readAll(bytes: Buffer, pieceBytes: number) {
  const events: object[] = [];
  const failures: unknown[] = [];
  const reader = new FrameReader((event) => events.push(event));
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    try {
      reader.push(bytes.subarray(at, at + pieceBytes));
    } catch (error) {
      failures.push(error);
    }
  }
  return { events, failures };
}

const STREAM = Buffer.concat([
  frame('messageStop', '{"stopReason":"end_turn"}'),
  frame('metadata', '{"usage":1}'),
]);
const EVENTS = [{ messageStop: { stopReason: 'end_turn' } }, { metadata: { usage: 1 } }];

it.each([1, 7, STREAM.length])('reads frames that come %i bytes at a time', (pieceBytes) => {
  expect(readAll(STREAM, pieceBytes)).toEqual({ events: EVENTS, failures: [] });
});

it('goes on behind a frame that cannot be read', () => {
  const { events, failures } = readAll(Buffer.concat([frame('odd', '{'), STREAM]), 16);
  expect(failures).toHaveLength(1);
  expect(events).toEqual(EVENTS);
});

it('stops at bytes that are no frame', () => {
  expect(readAll(Buffer.concat([Buffer.alloc(20), STREAM]), 16)).toEqual({ events: [], failures: [] });
});
