import type { MethodsProvider } from '../provider.js';
import { invokeAgent, invokeInlineAgent } from './bedrock/agents.js';
import { getAsyncInvoke, startAsyncInvoke } from './bedrock/async.js';
import { awsClient } from './bedrock/client.js';
import { converse, converseStream } from './bedrock/converse.js';
import { applyGuardrail, guardrailChecks } from './bedrock/guardrail.js';
import { countTokens, invokeModel, invokeModelStream } from './bedrock/invoke.js';
import {
  bedrockAgentModule,
  bedrockAgentRuntimeModule,
  bedrockControlModule,
  bedrockModule,
} from './bedrock/module.js';
import { rerank } from './bedrock/rerank.js';
import { speech } from './bedrock/speech.js';
import {
  unstatedAgentCommands,
  unstatedControlCommands,
  unstatedRuntimeCommands,
} from './bedrock/unstated.js';

/** The `@aws-sdk/client-bedrock-runtime` package: models. */
export const bedrock: MethodsProvider = awsClient(bedrockModule, [
  converse,
  converseStream,
  invokeModel,
  invokeModelStream,
  speech,
  startAsyncInvoke,
  getAsyncInvoke,
  applyGuardrail,
  guardrailChecks,
  countTokens,
]);

/** The `@aws-sdk/client-bedrock-agent-runtime` package: agents, knowledge bases and flows that AWS runs. */
export const bedrockAgentRuntime: MethodsProvider = awsClient(bedrockAgentRuntimeModule, [
  invokeAgent,
  invokeInlineAgent,
  rerank,
  ...unstatedRuntimeCommands,
]);

/** The `@aws-sdk/client-bedrock-agent` package: what fills knowledge bases. */
export const bedrockAgent: MethodsProvider = awsClient(bedrockAgentModule, unstatedAgentCommands);

/** The `@aws-sdk/client-bedrock` package: batches and jobs, whose results go to S3. */
export const bedrockControl: MethodsProvider = awsClient(bedrockControlModule, unstatedControlCommands);
