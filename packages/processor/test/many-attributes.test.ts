import { expect, it } from 'vitest';
import { decodeProtobuf } from '../src/receive/decode.ts';
import { encodeRequest } from './otlp-protobuf.ts';
import { createRandom, NOW_MS } from './spans.ts';

const NAMES = Array.from({ length: 200 }, (_, index) => `app.rule.${index}`);
const OF_RULES = { attributeNames: new Set(NAMES) };
const TOOL = 'costspan.usage.crawler.requests';

/** What one span that has these attributes is decoded to. */
function decode(attributes: readonly (readonly [key: string, value: string | number])[]) {
  const span = {
    traceId: 'ab'.repeat(16),
    spanId: 'cd'.repeat(8),
    startTimeUnixNano: `${NOW_MS}000000`,
    endTimeUnixNano: `${NOW_MS}000000`,
    attributes: attributes.map(([key, value]) => ({
      key,
      value: typeof value === 'string' ? { stringValue: value } : { doubleValue: value },
    })),
  };
  const body = encodeRequest({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
  return decodeProtobuf(body, OF_RULES).spans[0]?.attributes;
}

it('reads what a span has, whichever keys spans before it had', () => {
  const random = createRandom(7);
  for (let run = 0; run < 800; run += 1) {
    const first = Math.floor(random() * 150);
    const keys = NAMES.slice(first, first + 14 + Math.floor(random() * 12));
    if (random() < 0.5) keys.reverse();
    for (const round of [1, 2, 3]) {
      const attributes = keys.map(
        (key, index) => [key, index % 2 === 0 ? `${run}.${round}` : round / 4] as const,
      );
      expect(decode(attributes)).toEqual(Object.fromEntries(attributes));
    }
  }
});

it.each([16, 17, 127, 128, 129, 200])('reads %i attributes, and of one name the later', (count) => {
  const attributes = NAMES.slice(0, count).map((key, index) => [key, index] as const);
  const later = [...attributes, [NAMES[0]!, 'again'], [TOOL, 3]] as const;
  for (const _ of ['learned', 'remembered', 'copied'])
    expect(decode(later)).toEqual({ ...Object.fromEntries(attributes), [NAMES[0]!]: 'again', [TOOL]: 3 });
  expect(decode([[NAMES[1]!, 'alone']])).toEqual({ [NAMES[1]!]: 'alone' });
});
