import type { Usage } from '@costspan/pricing';
import { ATTR, OPERATION } from '@costspan/semconv';
import type { CallResult, Endpoint } from '../../provider.js';
import {
  omitEmpty,
  omitUndefined,
  readCount,
  readFields,
  readInteger,
  readItems,
  readText,
} from '../fields.js';
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
    const request = readOpenaiRequest(call, {
      operation: OPERATION.EMBEDDINGS,
      attributes: {
        [ATTR.EMBEDDINGS_DIMENSION_COUNT]: readInteger(body.dimensions),
        [ATTR.REQUEST_ENCODING_FORMATS]: format === undefined ? undefined : [format],
      },
    });
    const numbers: Numbers = { format, type: readText(body.output_dtype) ?? 'float' };
    return { ...request, state: numbers };
  },
  readResponse(body, request): CallResult {
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
      attributes: {
        [ATTR.EMBEDDINGS_DIMENSION_COUNT]: readDimensions(fields.data, readFields(request.state)),
      },
    });
  },
};

/** How an embedding's numbers come: Voyage's may be other than floats. */
interface Numbers {
  readonly format: string | undefined;
  readonly type: string;
}
const FLOAT_BYTES = 4;

/** Numbers in the first embedding; undefined where they are packed in a form that does not tell how many. */
function readDimensions(data: unknown, { format, type }: Partial<Numbers>): number | undefined {
  const { embedding } = readFields(readItems(data)[0]);
  if (Array.isArray(embedding)) return type?.endsWith('binary') ? undefined : embedding.length || undefined;
  if (typeof embedding !== 'string' || format !== 'base64' || type !== 'float') return undefined;
  const count = Buffer.byteLength(embedding, 'base64') / FLOAT_BYTES;
  return Number.isInteger(count) && count > 0 ? count : undefined;
}
