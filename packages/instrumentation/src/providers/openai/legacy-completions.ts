import { ATTR, OPERATION } from '@costspan/semconv';
import type { Endpoint, SpanAttributes } from '../../provider.js';
import { type Fields, readFields, readItems, readText } from '../fields.js';
import { type ChoiceRenderer, readChunksWith, readCompletion } from './completion.js';
import { readOpenaiRequest, readSampling } from './request.js';
import { askForStreamUsage, hideStreamUsage } from './stream-usage.js';

const TEXT_RENDERER: ChoiceRenderer = { renderChoices: renderTexts, renderChunks: renderTexts };

/** `completions.create`, the API before chat. */
export const legacyCompletions: Endpoint = {
  name: 'completions',
  method: 'post',
  path: /^\/completions(?:\?.*)?$/,
  readRequest(call) {
    return readOpenaiRequest(call, {
      operation: OPERATION.TEXT_COMPLETION,
      attributes: readSampling(readFields(call.body)),
      content: renderPrompt,
    });
  },
  readResponse: (body, request) => readCompletion(body, request, TEXT_RENDERER),
  readChunk: readChunksWith(TEXT_RENDERER),
  askForStreamUsage,
  hideStreamUsage,
};

/** Token arrays are prompts too, but not text: they are left out. */
function renderPrompt(body: Fields): SpanAttributes {
  const prompt = body.prompt;
  const texts = (typeof prompt === 'string' ? [prompt] : readItems(prompt)).filter((item) => readText(item));
  const messages = texts.map((content) => ({ role: 'user', parts: [{ type: 'text', content }] }));
  return messages.length > 0 ? { [ATTR.INPUT_MESSAGES]: JSON.stringify(messages) } : {};
}

function renderTexts(choices: readonly unknown[]): SpanAttributes {
  const texts = new Map<unknown, { text: string; reason: string | undefined }>();
  choices.forEach((choice, position) => {
    const fields = readFields(choice);
    const index = fields.index ?? position;
    const entry = texts.get(index) ?? { text: '', reason: undefined };
    entry.text += readText(fields.text) ?? '';
    entry.reason = readText(fields.finish_reason) ?? entry.reason;
    texts.set(index, entry);
  });
  const messages = [...texts.values()].map(({ text, reason }) => ({
    role: 'assistant',
    parts: [{ type: 'text', content: text }],
    finish_reason: reason ?? 'error',
  }));
  return messages.length > 0 ? { [ATTR.OUTPUT_MESSAGES]: JSON.stringify(messages) } : {};
}
