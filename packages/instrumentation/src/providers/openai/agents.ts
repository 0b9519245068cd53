import { OPERATION } from '@costspan/semconv';
import { unstatedPost } from '../unstated.js';

/**
 * `beta.agents`: what is sent to a session, or invokes an automation, sets an agent to work at the provider. Its turns
 * have a usage that no answer to this request holds.
 */
export const agentSessions = unstatedPost(
  /^\/agents\/(?:sessions(?:\/[^/?]+\/events)?|automations\/[^/?]+\/invocations)(?:\?.*)?$/,
  { name: 'beta.agents.sessions', what: "sessions of OpenAI's agents", operation: OPERATION.CHAT },
);

/** `fineTuning.alpha.graders.run`: a grader may ask a model. */
export const gradersRun = unstatedPost(/^\/fine_tuning\/alpha\/graders\/run(?:\?.*)?$/, {
  name: 'fineTuning.alpha.graders.run',
  what: "runs of OpenAI's graders",
});
