import type { ModalityTokens, Usage } from '@costspan/pricing';
import { OPERATION } from '@costspan/semconv';
import { type CallResult, EMPTY_RESULT, type MethodEndpoint } from '../../provider.js';
import { type Fields, omitEmpty, omitUndefined, readCount, readFields, readText } from '../fields.js';
import { parseBytes } from './invoke.js';
import { readBedrockRequest, readCommand, SENT } from './request.js';

/** `InvokeModelWithBidirectionalStream`: a conversation in speech, one call from its first word to its last. */
export const speech: MethodEndpoint = {
  ...SENT,
  name: 'invoke-bidirectional-stream',
  readSent: readCommand('InvokeModelWithBidirectionalStreamCommand'),
  readRequest: (call) => readBedrockRequest(call, { operation: OPERATION.CHAT, isStream: true }),
  readResponse: () => EMPTY_RESULT,
  readChunk,
  readAnswer: (returned) => readFields(returned).body,
};

/** The totals of the session come again and again, each time with all that was used so far. */
function readChunk(soFar: CallResult, chunk: unknown): CallResult {
  const { event } = parseBytes(readFields(readFields(chunk).chunk).bytes);
  const { usageEvent, completionEnd } = readFields(event);
  if (completionEnd !== undefined) {
    const reason = readText(readFields(completionEnd).stopReason)?.toLowerCase();
    return reason === undefined ? soFar : { ...soFar, finishReasons: [reason] };
  }
  if (usageEvent === undefined) return soFar;
  const usage = readUsage(readFields(usageEvent));
  return usage === undefined
    ? soFar
    : omitUndefined<CallResult>({ ...soFar, usageStatus: 'complete', usage });
}

function readUsage({ totalInputTokens, totalOutputTokens, details }: Fields): Usage | undefined {
  const { input, output } = readFields(readFields(details).total);
  return omitEmpty<Usage>({
    inputTokens: readCount(totalInputTokens),
    outputTokens: readCount(totalOutputTokens),
    input: readModalities(input),
    output: readModalities(output),
  });
}

function readModalities(value: unknown): ModalityTokens | undefined {
  const { textTokens, speechTokens } = readFields(value);
  return omitEmpty<ModalityTokens>({ text: readCount(textTokens), audio: readCount(speechTokens) });
}
