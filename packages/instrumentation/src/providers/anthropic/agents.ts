import { OPERATION, PROVIDER } from '@costspan/semconv';
import type { CallRequest, CallResult, Endpoint } from '../../provider.js';
import { omitUndefined, readFields, readText } from '../fields.js';
import { readHost } from '../hosts.js';

/**
 * Managed agents: what is sent to a session, a dream and a deployment's run set an agent to work at the provider, whose
 * usage the answer does not hold.
 */
export const managedAgents: Endpoint = {
  name: 'beta.sessions.events',
  method: 'post',
  path: /^\/v1\/(?:sessions\/[^/?]+\/events|dreams|deployments\/[^/?]+\/run)(?:\?.*)?$/,
  readRequest: (call) =>
    omitUndefined<CallRequest>({
      operation: OPERATION.CHAT,
      ...readHost(call.client, PROVIDER.ANTHROPIC),
      model: readText(readFields(call.body).model),
      isStream: false,
      attributes: {},
    }),
  readResponse: (): CallResult => ({ usageStatus: 'missing', unpriced: ELSEWHERE }),
};

const ELSEWHERE: NonNullable<CallResult['unpriced']> = {
  reason: 'results_elsewhere',
  warning:
    "costspan cannot price what Anthropic's managed agents do in their sessions: the answer to what is sent there " +
    "states no usage. Each counts as one unpriced call. Fix: take their cost from Anthropic's bill.",
};
