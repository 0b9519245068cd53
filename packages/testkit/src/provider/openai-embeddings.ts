import { readArray, readNumber, readString, withoutUndefined } from '../json.js';
import { jsonReply } from './openai-wire.js';
import type { RenderInput, WireReply } from './reply.js';

/** `/v1/embeddings`: floats, or base64 of little-endian float32, which the SDK asks for unless told otherwise. */
export function renderEmbeddings(input: RenderInput): WireReply {
  const { request, answer } = input;
  const inputs = readArray(request.body.input);
  const texts = inputs.length === 0 ? [request.body.input] : inputs;
  const dimensions = readNumber(request.body.dimensions) ?? (request.model.includes('large') ? 3072 : 1536);
  // A token array is one input, not many.
  const rows = typeof texts[0] === 'number' ? [texts] : texts;
  const data = rows.map((text, index) => {
    const vector = answer.vectors?.[index] ?? embedText(readString(text) ?? JSON.stringify(text), dimensions);
    const embedding = request.body.encoding_format === 'base64' ? encodeVector(vector) : vector;
    return { object: 'embedding', index, embedding };
  });
  const usage =
    answer.usage === undefined
      ? undefined
      : {
          prompt_tokens: answer.usage.inputTokens,
          total_tokens: answer.usage.inputTokens,
          ...answer.usage.extra,
        };
  const body = withoutUndefined({ object: 'list', data, model: input.model, usage });
  return jsonReply(input, body, usage);
}

/**
 * A bag of hashed words on the unit sphere: texts that share words are near each other, so that a retrieval
 * step over these vectors finds what it should.
 */
function embedText(text: string, dimensions: number): number[] {
  const vector = new Array<number>(dimensions).fill(0);
  for (const word of text.toLowerCase().match(/[a-z0-9]{3,}/g) ?? []) {
    let hash = 17;
    for (const letter of word.slice(0, 6)) hash = (hash * 31 + letter.charCodeAt(0)) % 1_000_003;
    const index = hash % dimensions;
    vector[index] = (vector[index] ?? 0) + 1;
  }
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
}

function encodeVector(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((value, index) => {
    bytes.writeFloatLE(value, index * 4);
  });
  return bytes.toString('base64');
}
