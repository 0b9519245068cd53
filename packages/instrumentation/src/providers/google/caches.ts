import type { Usage } from '@costspan/pricing';
import { OPERATION } from '@costspan/semconv';
import type { CallResult, MethodEndpoint } from '../../provider.js';
import { omitUndefined, readCount, readFields } from '../fields.js';
import { readParams } from './genai.js';
import { asSent, readGoogleRequest, readModelName } from './request.js';

/**
 * `caches.create`: what is put in is billed once as input, and then by the hour for as long as it is kept. That is until
 * it expires, as far as anybody knows yet: it may be deleted before, or kept longer.
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
    const { model, usageMetadata, createTime, expireTime } = readFields(body);
    const tokens = readCount(readFields(usageMetadata).totalTokenCount);
    const seconds = readSeconds(createTime, expireTime);
    return omitUndefined<CallResult>({
      usageStatus: tokens === undefined ? 'missing' : 'complete',
      usage:
        tokens === undefined
          ? undefined
          : omitUndefined<Usage>({
              inputTokens: tokens,
              outputTokens: 0,
              units: seconds === undefined ? undefined : { stored_token_second: tokens * seconds },
            }),
      responseModel: readModelName(model),
      estimatedReason: 'cache_storage',
    });
  },
};

/** Whole seconds from one time to a later one. */
function readSeconds(from: unknown, to: unknown): number | undefined {
  const milliseconds = Date.parse(String(to)) - Date.parse(String(from));
  return milliseconds > 0 ? Math.round(milliseconds / 1_000) : undefined;
}

/** `caches.update`: how much longer it is kept than it would have been, no answer says. */
export const cachesUpdate: MethodEndpoint = {
  name: 'caches.update',
  className: 'Caches',
  method: 'update',
  readSent: ([params], instance) => asSent('cachedContents', readParams(params, instance)),
  readRequest: (call) => ({
    ...readGoogleRequest(call, { operation: OPERATION.GENERATE_CONTENT }),
    attributes: {},
  }),
  readResponse: (body) =>
    omitUndefined<CallResult>({
      usageStatus: 'missing',
      responseModel: readModelName(readFields(body).model),
      unpriced: {
        reason: 'not_billed_per_token',
        warning:
          'costspan cannot price what caches.update of @google/genai adds: no answer says how much longer the cache ' +
          'is kept. Each counts as one unpriced call. Fix: create a cache with the ttl that it needs.',
      },
    }),
};
