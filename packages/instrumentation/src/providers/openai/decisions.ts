import { OPERATION } from '@costspan/semconv';
import type { Endpoint } from '../../provider.js';
import { CHAT_RENDERER } from './chat-content.js';
import { readCompletion } from './completion.js';
import { readOpenaiRequest } from './request.js';

/** `decisions.create`: a model answers questions with choices and scores, billed like any answer. */
export const decisions: Endpoint = {
  name: 'decisions',
  method: 'post',
  path: /^\/decisions(?:\?.*)?$/,
  readRequest: (call) => readOpenaiRequest(call, { operation: OPERATION.GENERATE_CONTENT, attributes: {} }),
  readResponse: (body, request) => readCompletion(body, request, CHAT_RENDERER),
};
