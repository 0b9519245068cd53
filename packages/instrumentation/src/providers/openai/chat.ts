import { ATTR, OPERATION } from '@costspan/semconv';
import type { Endpoint } from '../../provider.js';
import { readFields, readText } from '../fields.js';
import { CHAT_RENDERER, renderChatRequest } from './chat-content.js';
import { readChunksWith, readCompletion } from './completion.js';
import { readOpenaiRequest, readOutputType, readSampling } from './request.js';
import { askForStreamUsage, hideStreamUsage } from './stream-usage.js';

/** `chat.completions.create`, with `parse`, `stream` and `runTools`, which all send it. */
export const chatCompletions: Endpoint = {
  name: 'chat.completions',
  method: 'post',
  path: /^\/chat\/completions(?:\?.*)?$/,
  readRequest(call) {
    const body = readFields(call.body);
    return readOpenaiRequest(call, {
      operation: OPERATION.CHAT,
      apiType: 'chat_completions',
      attributes: {
        ...readSampling(body),
        [ATTR.OUTPUT_TYPE]: readOutputType(body.response_format, body.modalities),
        // OpenRouter puts the effort where the Responses API has it.
        [ATTR.REQUEST_REASONING_LEVEL]:
          readText(body.reasoning_effort) ?? readText(readFields(body.reasoning).effort),
      },
      content: renderChatRequest,
    });
  },
  readResponse: (body, request) => readCompletion(body, request, CHAT_RENDERER),
  readChunk: readChunksWith(CHAT_RENDERER),
  askForStreamUsage,
  hideStreamUsage,
};
