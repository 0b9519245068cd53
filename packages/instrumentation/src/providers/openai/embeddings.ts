import type { Usage } from '@costspan/pricing';
import { ATTR, OPERATION } from '@costspan/semconv';
import type { CallResult, Endpoint } from '../../provider.js';
import { omitEmpty, omitUndefined, readCount, readFields, readInteger, readText } from '../fields.js';
import { readErrorType, readOpenaiRequest } from './request.js';
import { readUsage } from './usage.js';

/** `embeddings.create`. */
export const embeddings: Endpoint = {
  name: 'embeddings',
  method: 'post',
  path: /^\/embeddings(?:\?.*)?$/,
  readRequest(call) {
    const body = readFields(call.body);
    // As sent: the SDK itself asks for base64 where the application names no format, and nothing tells the two apart.
    const format = readText(body.encoding_format);
    return readOpenaiRequest(call, {
      operation: OPERATION.EMBEDDINGS,
      attributes: {
        [ATTR.EMBEDDINGS_DIMENSION_COUNT]: readInteger(body.dimensions),
        [ATTR.REQUEST_ENCODING_FORMATS]: format === undefined ? undefined : [format],
      },
    });
  },
  readResponse(body): CallResult {
    const fields = readFields(body);
    const read = readUsage(fields.usage);
    // Some hosts say `completion_tokens: 0` here; an embedding has no output to count.
    const { outputTokens: _none, ...counted } = read ?? {};
    // Voyage says the total alone: here it is the input.
    const inputTokens = counted.inputTokens ?? readCount(readFields(fields.usage).total_tokens);
    const usage = omitEmpty<Usage>({ ...counted, inputTokens });
    const hasInput = inputTokens !== undefined;
    return omitUndefined<CallResult>({
      usageStatus: hasInput ? 'complete' : usage === undefined ? 'missing' : 'partial',
      usage,
      responseModel: readText(fields.model),
      errorType: readErrorType(fields.error),
    });
  },
};
