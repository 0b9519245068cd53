import { OPERATION } from '@costspan/semconv';
import type { CallResult, MethodEndpoint } from '../../provider.js';
import { omitUndefined, readCount, readFields } from '../fields.js';
import { readParams } from './genai.js';
import { asSent, readGoogleRequest, readModelName } from './request.js';

/**
 * `caches.create`: what is put in is billed once as input, and then by the hour for as long as it is kept, which
 * nobody knows yet: the storage is not in the amount.
 */
export const cachesCreate: MethodEndpoint = {
  name: 'caches.create',
  className: 'Caches',
  method: 'create',
  readSent: ([params], instance) => {
    // The contents stand among the settings.
    const { config, ...request } = readParams(params, instance);
    const { contents, systemInstruction, tools } = config;
    return asSent('cachedContents', {
      ...request,
      config: {},
      prompt: { contents, systemInstruction, tools },
    });
  },
  readRequest: (call) => readGoogleRequest(call, { operation: OPERATION.GENERATE_CONTENT }),
  readResponse(body): CallResult {
    const { model, usageMetadata } = readFields(body);
    const tokens = readCount(readFields(usageMetadata).totalTokenCount);
    return omitUndefined<CallResult>({
      usageStatus: tokens === undefined ? 'missing' : 'complete',
      usage: tokens === undefined ? undefined : { inputTokens: tokens, outputTokens: 0 },
      responseModel: readModelName(model),
      estimatedReason: 'cache_storage',
    });
  },
};
