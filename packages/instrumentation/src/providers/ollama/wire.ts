import type { CallReaders, Endpoint } from '../../provider.js';
import { readFields } from '../fields.js';
import { chat, embed, embeddings, generate, systemone } from './endpoints.js';

/** What Ollama is asked and answers by hand: its SDK hands on the very bodies. */
export const ollamaByHand: readonly Endpoint[] = [
  ...[chat, generate, embed, embeddings].map((readers) => byHand(readers, 'api')),
  byHand(systemone, 'v1'),
];

/** The same at a host that nobody knows; the oldest embeddings answer with no more than a vector. */
export const ollamaElsewhere: readonly Endpoint[] = [chat, generate, embed].map((readers) =>
  byHand(readers, 'api'),
);

/** Whether this is an answer, or the first chunk of one, as Ollama alone gives it. */
export function isOllamaAnswer(body: unknown): boolean {
  const { model, done, embeddings: vectors } = readFields(body);
  return typeof model === 'string' && (typeof done === 'boolean' || Array.isArray(vectors));
}

function byHand(readers: CallReaders, folder: string): Endpoint {
  const { name, readRequest, readResponse, readChunk } = readers;
  return {
    name,
    method: 'post',
    path: new RegExp(`^/${folder}/${name}$`),
    readRequest(call) {
      const body = readFields(call.body);
      // Who does not say gets a stream: of lines, whatever its headers call them.
      if (readChunk === undefined || body.stream === false) return readRequest(call);
      return { ...readRequest({ ...call, body: { ...body, stream: true } }), body: 'chunks' };
    },
    readResponse,
    ...(readChunk === undefined ? {} : { readChunk }),
  };
}
