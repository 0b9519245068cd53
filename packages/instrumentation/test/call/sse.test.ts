import { expect, it } from 'vitest';
import { SseReader } from '../../src/call/sse.ts';

/** What is shown of a text that comes in pieces of some length, and the data of its events. */
function readPieces(text: string, length: number) {
  const data: string[] = [];
  const reader = new SseReader((one) => {
    data.push(one);
    return one;
  });
  let shown = '';
  for (let at = 0; at < text.length; at += length) shown += reader.push(text.slice(at, at + length));
  return { shown: shown + reader.end(), data };
}

const ENDS = ['\n', '\r\n', '\r'];

it('finds the same events however their lines end and wherever the text is cut', () => {
  for (const line of ENDS) {
    for (const empty of ENDS) {
      const end = line + empty;
      // A CR and an LF are one end of a line.
      if (end === '\r\n') continue;
      const text = [': alive', 'event: a\rdata: {"a":1}', 'data:{"b":\ndata: 2}', 'data: [DONE]', ''].join(
        end,
      );
      for (let length = 1; length <= text.length; length += 1) {
        expect(readPieces(text, length), JSON.stringify({ end, length })).toEqual({
          shown: text,
          data: ['{"a":1}', '{"b":\n2}', '[DONE]'],
        });
      }
    }
  }
});

it('takes the time of its length for a long event in many pieces', () => {
  const text = `data: "${'A'.repeat(4_000_000)}"\n\n`;
  const before = process.cpuUsage();
  const { shown } = readPieces(text, 1_000);
  const { user, system } = process.cpuUsage(before);
  expect(shown === text).toBe(true);
  // Searching all of it again for every piece takes 8 s.
  expect((user + system) / 1e6).toBeLessThan(2);
});
