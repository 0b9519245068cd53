import { OPERATION, PROVIDER } from '@costspan/semconv';
import type { Endpoint } from '../../provider.js';
import { unstatedReaders } from '../unstated.js';

/**
 * Managed agents: what is sent to a session, a dream and a deployment's run set an agent to work at the provider, whose
 * usage the answer does not hold.
 */
export const managedAgents: Endpoint = {
  ...unstatedReaders({
    name: 'beta.sessions.events',
    what: "sessions of Anthropic's managed agents",
    provider: PROVIDER.ANTHROPIC,
    operation: OPERATION.CHAT,
  }),
  method: 'post',
  path: /^\/v1\/(?:sessions\/[^/?]+\/events|dreams|deployments\/[^/?]+\/run)(?:\?.*)?$/,
};
