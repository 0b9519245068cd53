import { OPERATION } from '@costspan/semconv';
import type { CallResult, Endpoint } from '../../provider.js';
import { readOpenaiRequest } from './request.js';

/**
 * `beta.agents`: what is sent to a session, or invokes an automation, sets an agent to work at the provider. Its turns
 * have a usage that no answer to this request holds.
 */
export const agentSessions: Endpoint = {
  name: 'beta.agents.sessions',
  method: 'post',
  path: /^\/agents\/(?:sessions(?:\/[^/?]+\/events)?|automations\/[^/?]+\/invocations)(?:\?.*)?$/,
  readRequest: (call) => readOpenaiRequest(call, { operation: OPERATION.CHAT, attributes: {} }),
  readResponse: () => UNSTATED,
  readChunk: () => UNSTATED,
};

const UNSTATED: CallResult = {
  usageStatus: 'missing',
  unpriced: {
    reason: 'results_elsewhere',
    warning:
      "costspan cannot price what OpenAI's agents do in their sessions: the answer to what is sent there states no " +
      "usage. Each counts as one unpriced call. Fix: take their cost from OpenAI's bill.",
  },
};
