import type { Usage } from '@costspan/pricing';
import { OPERATION } from '@costspan/semconv';
import type { CallResult, Endpoint } from '../../provider.js';
import {
  type Fields,
  omitEmpty,
  omitUndefined,
  readCount,
  readFields,
  readNumber,
  readText,
} from '../fields.js';
import { readErrorType, readOpenaiRequest } from './request.js';

/** Documents in the order of their relevance: OpenRouter, Together and others have it beside OpenAI's endpoints. */
export const rerank: Endpoint = {
  name: 'rerank',
  method: 'post',
  path: /^\/rerank(?:\?.*)?$/,
  readRequest: (call) => readOpenaiRequest(call, { operation: OPERATION.RERANK, attributes: {} }),
  readResponse(body): CallResult {
    const fields = readFields(body);
    const usage = readRerankUsage(readFields(fields.usage));
    return omitUndefined<CallResult>({
      usageStatus: usage === undefined ? 'missing' : 'complete',
      usage,
      responseId: readText(fields.id),
      responseModel: readText(fields.model),
      errorType: readErrorType(fields.error),
    });
  },
};

/** By searches, or by tokens, of which there is one kind. */
function readRerankUsage(usage: Fields): Usage | undefined {
  const searches = readCount(usage.search_units);
  return omitEmpty<Usage>({
    inputTokens: readCount(usage.prompt_tokens) ?? readCount(usage.total_tokens),
    units: searches === undefined ? undefined : { search: searches },
    // Beside searches a cost is OpenRouter's, in USD.
    providerCostUsd: searches === undefined ? undefined : readNumber(usage.cost),
  });
}
