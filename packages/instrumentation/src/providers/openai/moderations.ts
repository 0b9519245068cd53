import { OPERATION } from '@costspan/semconv';
import type { Endpoint } from '../../provider.js';
import { readFields, readText } from '../fields.js';
import { readOpenaiRequest } from './request.js';

/** `moderations.create`: free. */
export const moderations: Endpoint = {
  name: 'moderations',
  method: 'post',
  path: /^\/moderations(?:\?.*)?$/,
  readRequest: (call) => ({
    ...readOpenaiRequest(call, { operation: OPERATION.MODERATE, attributes: {} }),
    isBilled: false,
  }),
  readResponse(body) {
    const model = readText(readFields(body).model);
    return { usageStatus: 'missing', ...(model === undefined ? {} : { responseModel: model }) };
  },
};
