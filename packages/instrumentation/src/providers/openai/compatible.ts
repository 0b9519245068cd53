import type { ProviderName } from '@costspan/semconv';
import type { Endpoint } from '../../provider.js';

/** How another SDK has OpenAI's API. */
export interface CompatibleSdk {
  readonly provider: ProviderName;
  /** What its resources write before OpenAI's path: `/openai/v1`. */
  readonly prefix?: string;
  /** Its streams end with usage unasked: then nothing is asked and nothing hidden. */
  readonly sendsStreamUsage?: boolean;
}

/** The uploads of an SDK that has OpenAI's audio. */
export const AUDIO_UPLOADS: readonly (readonly string[])[] = [
  ['Audio', 'Transcriptions', 'create'],
  ['Audio', 'Translations', 'create'],
];

/** OpenAI's endpoints as another SDK has them: at its paths, and of its provider where neither host nor class tells one. */
export const compatibleEndpoints = (sdk: CompatibleSdk, endpoints: readonly Endpoint[]): Endpoint[] =>
  endpoints.map((endpoint) => toCompatible(endpoint, sdk));

function toCompatible(
  endpoint: Endpoint,
  { provider, prefix = '', sendsStreamUsage }: CompatibleSdk,
): Endpoint {
  const { askForStreamUsage, hideStreamUsage, ...rest } = endpoint;
  const asking = askForStreamUsage === undefined || hideStreamUsage === undefined || sendsStreamUsage;
  return {
    ...rest,
    ...(asking ? {} : { askForStreamUsage, hideStreamUsage }),
    path: new RegExp(endpoint.path.source.replace(/^\^/, `^${prefix}`)),
    readRequest: (call) =>
      endpoint.readRequest({ ...call, path: call.path.slice(prefix.length), sdkProvider: provider }),
  };
}
