import { OPERATION } from '@costspan/semconv';
import type { CallRequest, Endpoint } from '../provider.js';
import { omitUndefined, readFields } from './fields.js';
import { chatCompletions } from './openai/chat.js';

const PATH = /^\/run\/(.+)$/;

/** Workers AI by hand: the model stands in the path, what it answers in `result`, a stream's events bare. */
export const workersAi: Endpoint = {
  ...chatCompletions,
  name: 'ai.run',
  path: PATH,
  readRequest(call) {
    const model = PATH.exec(call.path)?.[1];
    const isEmbedding = readFields(call.body).text !== undefined;
    return omitUndefined<CallRequest>({
      ...chatCompletions.readRequest(call),
      ...(isEmbedding ? { operation: OPERATION.EMBEDDINGS } : {}),
      model,
    });
  },
  readResponse: (body, request) => chatCompletions.readResponse(readFields(body).result ?? body, request),
};
