/** What is billed although no answer says what it used: each is a call without a price, and one warning. */
import { OPERATION, type Operation, type ProviderName } from '@costspan/semconv';
import type { CallRequest, CallResult, Endpoint, EndpointCall, MethodEndpoint } from '../provider.js';
import { omitUndefined, readFields, readText } from './fields.js';
import { readHost } from './hosts.js';
import { readOpenaiRequest } from './openai/request.js';

/** The result of such a call; `what` is the plural that the warning speaks of. */
export const unstated = (what: string): CallResult => ({
  usageStatus: 'missing',
  unpriced: {
    reason: 'results_elsewhere',
    warning:
      `costspan cannot price ${what}: no answer that the SDK reads states what they used. ` +
      "Each counts as one unpriced call. Fix: take their cost from the provider's bill.",
  },
});

/** What an endpoint of it is. */
interface Unstated {
  readonly name: string;
  readonly what: string;
  readonly operation?: Operation;
}

/** Readers of an endpoint whose answer is of no use. */
export function unstatedReaders({
  name,
  what,
  provider,
  operation = OPERATION.GENERATE_CONTENT,
}: Unstated & { readonly provider: ProviderName }) {
  const result = unstated(what);
  return {
    name,
    readRequest: ({ client, body }: EndpointCall): CallRequest =>
      omitUndefined<CallRequest>({
        operation,
        ...readHost(client, provider),
        model: readText(readFields(body).model),
        isStream: false,
        attributes: {},
      }),
    readResponse: (): CallResult => result,
  };
}

/** A path that is posted to, of an SDK that speaks as OpenAI's does. */
export function unstatedPost(
  path: RegExp,
  { name, what, operation = OPERATION.GENERATE_CONTENT }: Unstated,
): Endpoint {
  const result = unstated(what);
  return {
    name,
    method: 'post',
    path,
    readRequest: (call) => readOpenaiRequest(call, { operation, attributes: {} }),
    readResponse: () => result,
    readChunk: () => result,
  };
}

/** A method that takes its request as its first argument. */
export const unstatedMethod = (
  className: string,
  method: string,
  kind: Unstated & { readonly provider: ProviderName },
): MethodEndpoint => ({
  ...unstatedReaders(kind),
  className,
  method,
  readSent: ([body]) => ({ path: '', body }),
});
