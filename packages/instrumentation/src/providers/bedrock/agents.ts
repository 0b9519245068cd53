import type { NestedUsage, Usage } from '@costspan/pricing';
import { ATTR, OPERATION } from '@costspan/semconv';
import {
  type CallRequest,
  type CallResult,
  EMPTY_RESULT,
  type EndpointCall,
  type MethodEndpoint,
} from '../../provider.js';
import { omitUndefined, readFields, readText, sumCounts } from '../fields.js';
import { unstated } from '../unstated.js';
import { readBedrockRequest, readCommand, SENT } from './request.js';
import { readConverseUsage } from './usage.js';

/** Without its trace an agent tells nothing of the models that it has asked. */
const UNTRACED = unstated("Bedrock's agents without `enableTrace: true`");

/** An agent's answer: one call, however many models it has asked; its trace names each with its tokens. */
const agent = (name: string, command: string): MethodEndpoint => ({
  ...SENT,
  name,
  readSent: readCommand(command),
  readRequest: readAgentRequest,
  readResponse: () => UNTRACED,
  readChunk,
  readAnswer: (returned) => readFields(returned).completion,
});

/** `InvokeAgent`. */
export const invokeAgent = agent('invoke-agent', 'InvokeAgentCommand');
/** `InvokeInlineAgent`: an agent that the request defines, its model among it. */
export const invokeInlineAgent = agent('invoke-inline-agent', 'InvokeInlineAgentCommand');

function readAgentRequest(call: EndpointCall): CallRequest {
  const { sessionId, foundationModel } = readFields(call.body);
  const request = readBedrockRequest(call, {
    operation: OPERATION.CHAT,
    isStream: true,
    attributes: { [ATTR.CONVERSATION_ID]: readText(sessionId) },
  });
  return omitUndefined<CallRequest>({ ...request, model: readText(foundationModel) });
}

/** What the fold remembers. */
interface AgentState {
  /** Models that were asked, by the id of the trace, and have not answered. */
  readonly asked: ReadonlyMap<string, string | undefined>;
  readonly byModel: readonly NestedUsage[];
  /** Whether the agent has begun to answer. */
  readonly hasAnswered: boolean;
}
const NO_STATE: AgentState = { asked: new Map(), byModel: [], hasAnswered: false };

function readChunk(soFar: CallResult, chunk: unknown, request: CallRequest): CallResult {
  const event = readFields(chunk);
  const fault = Object.keys(event).find((name) => name.endsWith('Exception'));
  if (fault !== undefined) return { ...soFar, errorType: fault };
  const before = (soFar.state as AgentState | undefined) ?? NO_STATE;
  const state = readTrace(before, readFields(readFields(event.trace).trace), request);
  const hasAnswered = state.hasAnswered || event.chunk !== undefined || event.returnControl !== undefined;
  return readState({ ...state, hasAnswered });
}

/** Each step of an agent asks a model and tells what it used: its thoughts before, in between and after. */
function readTrace(before: AgentState, trace: object, request: CallRequest): AgentState {
  let { asked, byModel } = before;
  for (const step of Object.values(trace)) {
    const { modelInvocationInput, modelInvocationOutput } = readFields(step);
    if (modelInvocationInput !== undefined) {
      const { traceId, foundationModel } = readFields(modelInvocationInput);
      asked = new Map([...asked, [String(traceId), readText(foundationModel)]]);
    }
    if (modelInvocationOutput === undefined) continue;
    const { traceId, metadata } = readFields(modelInvocationOutput);
    const usage = readConverseUsage(readFields(readFields(metadata).usage));
    // Who tells no usage is never done.
    if (usage === undefined) continue;
    const model = asked.get(String(traceId)) ?? request.model ?? 'unknown';
    byModel = [...byModel, { model, usage }];
    asked = new Map([...asked].filter(([id]) => id !== String(traceId)));
  }
  return { ...before, asked, byModel };
}

function readState(state: AgentState): CallResult {
  const { asked, byModel, hasAnswered } = state;
  if (byModel.length === 0) return { ...(asked.size > 0 ? EMPTY_RESULT : UNTRACED), state };
  const usage = omitUndefined<Usage>({
    inputTokens: sumCounts(...byModel.map((one) => one.usage.inputTokens)),
    outputTokens: sumCounts(...byModel.map((one) => one.usage.outputTokens)),
    byModel,
  });
  return { usageStatus: hasAnswered && asked.size === 0 ? 'complete' : 'partial', usage, state };
}
