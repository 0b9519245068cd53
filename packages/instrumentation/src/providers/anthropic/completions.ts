import { ATTR, OPERATION, PROVIDER } from '@costspan/semconv';
import type { CallRequest, CallResult, Endpoint } from '../../provider.js';
import { omitUndefined, readFields, readInteger, readNumber, readText, readTexts } from '../fields.js';
import { readHost } from '../hosts.js';

/** `completions.create`, the API before messages: its answers state no usage. */
export const anthropicCompletions: Endpoint = {
  name: 'completions',
  method: 'post',
  path: /^\/v1\/complete(?:\?.*)?$/,
  readRequest(call) {
    const body = readFields(call.body);
    const host = readHost(call.client, PROVIDER.ANTHROPIC);
    const isStream = body.stream === true;
    return omitUndefined<CallRequest>({
      operation: OPERATION.TEXT_COMPLETION,
      provider: host.provider,
      model: readText(body.model),
      isStream,
      serverAddress: host.serverAddress,
      serverPort: host.serverPort,
      region: host.region,
      attributes: {
        [ATTR.REQUEST_STREAM]: isStream ? true : undefined,
        [ATTR.REQUEST_MAX_TOKENS]: readInteger(body.max_tokens_to_sample),
        [ATTR.REQUEST_TEMPERATURE]: readNumber(body.temperature),
        [ATTR.REQUEST_TOP_P]: readNumber(body.top_p),
        [ATTR.REQUEST_TOP_K]: readInteger(body.top_k),
        [ATTR.REQUEST_STOP_SEQUENCES]: readTexts(body.stop_sequences),
      },
    });
  },
  readResponse: (body) => readCompletion({ usageStatus: 'missing' }, body),
  readChunk: readCompletion,
};

/** A whole completion and a chunk of one have the same fields. */
function readCompletion(soFar: CallResult, value: unknown): CallResult {
  const fields = readFields(value);
  const reason = readText(fields.stop_reason);
  const responseId = soFar.responseId ?? readText(fields.id);
  return omitUndefined<CallResult>({
    usageStatus: 'missing',
    responseId,
    responseModel: soFar.responseModel ?? readText(fields.model),
    finishReasons: reason === undefined && responseId === undefined ? undefined : [reason],
    errorType: fields.type === 'error' ? (readText(readFields(fields.error).type) ?? '_OTHER') : undefined,
  });
}
