import { OPERATION } from '@costspan/semconv';
import type { MethodEndpoint } from '../../provider.js';
import { readFields, readText } from '../fields.js';
import { unstated } from '../unstated.js';
import { readParams } from './genai.js';
import { asSent, readGoogleRequest } from './request.js';

const METHODS = [
  ['Tunings', 'tuneInternal', 'tuning jobs of Vertex AI'],
  ['Tunings', 'tuneMldevInternal', 'tuning jobs of the Gemini API'],
  ['Models', 'segmentImage', 'segmented images'],
  ['FileSearchStores', 'importFile', 'files in stores for file search'],
  ['FileSearchStores', 'uploadToFileSearchStoreInternal', 'files in stores for file search'],
  ['Tokens', 'create', 'live sessions between browsers and Google'],
] as const;

/** Methods that are billed although their answers do not say for what. */
export const unstatedMethods: readonly MethodEndpoint[] = METHODS.map(([className, method, what]) => {
  const result = unstated(what);
  return {
    className,
    method,
    name: `${className.toLowerCase()}.${method.replace('Internal', '')}`,
    readSent: ([params], instance) => {
      const sent = readParams(params, instance);
      const { model } = readFields(sent.config.liveConnectConstraints);
      return asSent(method, { ...sent, model: sent.model ?? readText(model) });
    },
    readRequest: (call) => ({
      ...readGoogleRequest(call, { operation: OPERATION.GENERATE_CONTENT }),
      attributes: {},
    }),
    readResponse: () => result,
  };
});
