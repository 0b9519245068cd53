import { expect, it } from 'vitest';
import { BodyText } from '../../src/call/body-text.ts';

/** What is kept of a text that comes in pieces of some length. */
function keep(text: string, length: number): string | undefined {
  const body = new BodyText();
  for (let at = 0; at < text.length; at += length) body.push(text.slice(at, at + length));
  return body.read();
}

const usage = { input_tokens: 50, output_tokens: 4160, 'a "name" \\': 1 };

it('keeps a body that is not too long as it is', () => {
  const text = JSON.stringify({ data: ['A'.repeat(1_000_000)], usage });
  expect(keep(text, 65_536)).toBe(text);
});

it('keeps all but the pictures of a long body, wherever it is cut', () => {
  const picture = '\\"AB\\\\'.repeat(1_200_000);
  const body = (b64: string) =>
    `{"data": [{"b64_json": "${b64}"}, {"b64_json": "${b64}"}], "usage": ${JSON.stringify(usage)}}`;
  for (const length of [16_384, 65_521, 1_000_003, 40_000_000]) {
    const kept = keep(body(picture), length)!;
    expect(kept.length).toBeLessThan(4 * 1024 * 1024 + 1);
    expect(JSON.parse(kept)).toMatchObject({ data: [{}, {}], usage });
  }
});

it('keeps all but the vectors of many inputs', () => {
  const embedding = Array.from({ length: 3_072 }, (_, index) => -1 / (index + 3));
  const data = Array.from({ length: 200 }, (_, index) => ({ index, embedding }));
  const kept = keep(JSON.stringify({ data, model: 'text-embedding-3-large', usage }, undefined, 1), 65_536)!;
  expect(JSON.parse(kept)).toMatchObject({ model: 'text-embedding-3-large', usage });
});

it('keeps nothing of what stays too long', () => {
  expect(keep(JSON.stringify(Array.from({ length: 100_000 }, () => 'x'.repeat(80))), 65_536)).toBeUndefined();
});
