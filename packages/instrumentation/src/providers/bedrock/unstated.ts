import { OPERATION, type Operation } from '@costspan/semconv';
import type { CallRequest, EndpointCall, MethodEndpoint } from '../../provider.js';
import { omitUndefined, readFields, readText } from '../fields.js';
import { unstated } from '../unstated.js';
import { readBedrockRequest, readCommand, SENT } from './request.js';

/** Work that AWS bills although no answer counts it. */
interface Kind {
  /** Command, and the path that it is posted to. */
  readonly command: string;
  readonly path: string;
  readonly what: string;
  readonly operation?: Operation;
}

/** Answers from knowledge bases, and flows. */
const RUNTIME: readonly Kind[] = [
  {
    command: 'RetrieveAndGenerate',
    path: '/retrieveAndGenerate',
    what: "answers from Bedrock's knowledge bases",
    operation: OPERATION.CHAT,
  },
  {
    command: 'RetrieveAndGenerateStream',
    path: '/retrieveAndGenerateStream',
    what: "answers from Bedrock's knowledge bases",
    operation: OPERATION.CHAT,
  },
  { command: 'Retrieve', path: '/knowledgebases/*/retrieve', what: "searches of Bedrock's knowledge bases" },
  {
    command: 'AgenticRetrieveStream',
    path: '/agenticRetrieveStream',
    what: "searches of Bedrock's knowledge bases",
  },
  { command: 'GenerateQuery', path: '/generateQuery', what: 'queries that Bedrock writes' },
  { command: 'OptimizePrompt', path: '/optimize-prompt', what: 'prompts that Bedrock rewrites' },
  { command: 'InvokeFlow', path: '/flows/*/aliases/*', what: "Bedrock's flows" },
  { command: 'StartFlowExecution', path: '/flows/*/aliases/*/executions', what: "Bedrock's flows" },
];

/** Jobs whose results go to S3. */
const CONTROL: readonly Kind[] = [
  { command: 'CreateModelInvocationJob', path: '/model-invocation-job', what: 'batches of Bedrock' },
  {
    command: 'CreateModelCustomizationJob',
    path: '/model-customization-jobs',
    what: 'tuning jobs of Bedrock',
  },
  { command: 'CreateEvaluationJob', path: '/evaluation-jobs', what: 'evaluations of Bedrock' },
  {
    command: 'CreateAdvancedPromptOptimizationJob',
    path: '/advanced-prompt-optimization-jobs',
    what: 'prompts that Bedrock rewrites',
  },
  {
    command: 'StartAutomatedReasoningPolicyBuildWorkflow',
    path: '/automated-reasoning-policies/*/build-workflows/*/start',
    what: 'policies of automated reasoning',
  },
  {
    command: 'StartAutomatedReasoningPolicyTestWorkflow',
    path: '/automated-reasoning-policies/*/build-workflows/*/test-workflows',
    what: 'policies of automated reasoning',
  },
];

/** What is read into knowledge bases is embedded. Put, not posted. */
const AGENT: readonly Omit<Kind, 'path'>[] = ['StartIngestionJob', 'IngestKnowledgeBaseDocuments'].map(
  (command) => ({
    command,
    what: "documents of Bedrock's knowledge bases",
    operation: OPERATION.EMBEDDINGS,
  }),
);

function endpointOf({
  command,
  what,
  operation = OPERATION.GENERATE_CONTENT,
}: Omit<Kind, 'path'>): MethodEndpoint {
  const result = unstated(what);
  return {
    ...SENT,
    name: command,
    readSent: readCommand(`${command}Command`),
    readRequest: (call) => readUnstatedRequest(call, operation),
    readResponse: () => result,
    readChunk: () => result,
  };
}

/** Each names its model, where it does, in a place of its own. */
function readUnstatedRequest(call: EndpointCall, operation: Operation): CallRequest {
  const { modelId, targetModelId, baseModelIdentifier, retrieveAndGenerateConfiguration } = readFields(
    call.body,
  );
  const { knowledgeBaseConfiguration, externalSourcesConfiguration } = readFields(
    retrieveAndGenerateConfiguration,
  );
  const { modelArn } = {
    ...readFields(knowledgeBaseConfiguration),
    ...readFields(externalSourcesConfiguration),
  };
  return omitUndefined<CallRequest>({
    ...readBedrockRequest(call, { operation }),
    model: readText(modelId ?? targetModelId ?? baseModelIdentifier ?? modelArn),
  });
}

export const unstatedRuntimeCommands: readonly MethodEndpoint[] = RUNTIME.map(endpointOf);
export const unstatedControlCommands: readonly MethodEndpoint[] = CONTROL.map(endpointOf);
export const unstatedAgentCommands: readonly MethodEndpoint[] = AGENT.map(endpointOf);

/** The same by hand: each with the paths that it is posted to. */
export const unstatedByHand: readonly (readonly [path: RegExp, readers: MethodEndpoint])[] = [
  ...RUNTIME,
  ...CONTROL,
].map((kind) => [new RegExp(`^${kind.path.replaceAll('*', '[^/]+')}/?$`), endpointOf(kind)]);
