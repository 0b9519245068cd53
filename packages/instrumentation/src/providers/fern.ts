/** SDKs that Fern generated: how their clients name what they do, and where they send to. */
import type { MethodEndpoint, MethodsPatch } from '../provider.js';
import { readFields, readText } from './fields.js';

/** What tells a call apart and where its answer stands. */
export type DoorsOf = Pick<MethodEndpoint, 'method' | 'readSent' | 'readAnswer'>;

/**
 * A method, and the one inside it. In newer versions `chat` wraps the promise of `__chat` in a promise of its own kind,
 * whose raw response can be asked for too: there the inner one is the call.
 */
export const fernDoors = (method: string): readonly DoorsOf[] => [
  {
    method,
    readSent: (args, instance) => (`__${method}` in instance ? undefined : { path: '', body: args[0] }),
  },
  {
    method: `__${method}`,
    readSent: (args) => ({ path: '', body: args[0] }),
    readAnswer: (returned) => readFields(returned).data,
  },
];

/** How a client sends; a URL that a function supplies is known only while it does. */
export const fernClient = (defaultUrl: string): MethodsPatch => ({
  style: 'methods',
  readBaseUrl(instance) {
    const { baseUrl, environment } = readFields((instance as { _options?: unknown })._options);
    return readText(baseUrl) ?? readText(environment) ?? defaultUrl;
  },
  readSignal: ([, options]) => readFields(options).abortSignal,
});
