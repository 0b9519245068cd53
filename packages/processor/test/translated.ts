import type { SpanView } from '@costspan/aggregate';
import { translateSpan } from '../src/receive/dialects.ts';
import { viewOf } from './recorded-emitters.ts';

/** Attributes of a span of some emitter, as the conventions name them. */
export const translate = (attributes: Record<string, unknown>, differs: Partial<SpanView> = {}) =>
  translateSpan({
    ...viewOf({
      scope: 'x',
      name: 'x',
      kind: 3,
      trace: 1,
      id: 1,
      parent: 0,
      startUs: 0,
      endUs: 1,
      attributes,
    }),
    ...differs,
  }).attributes;

export const CHAT = { 'gen_ai.operation.name': 'chat' };
/** 1000 tokens of input and 200 of output, as the conventions have them with their parts. */
export const PARTS = {
  'gen_ai.usage.input_tokens': 1000,
  'gen_ai.usage.output_tokens': 200,
  'gen_ai.usage.cache_read.input_tokens': 400,
  'gen_ai.usage.reasoning.output_tokens': 50,
};
