import { ATTR } from './attributes.js';

/**
 * What other emitters call the same thing, by their name of it: the conventions before they renamed it, OpenLLMetry,
 * OpenInference, the AI SDK, Sentry, LiteLLM, Logfire. Of several names on one span the first that stands here counts.
 */
export const SAME_AS: Readonly<Record<string, string>> = {
  'gen_ai.system': ATTR.PROVIDER_NAME,
  'llm.provider': ATTR.PROVIDER_NAME,
  'llm.system': ATTR.PROVIDER_NAME,
  'ai.model.provider': ATTR.PROVIDER_NAME,
  'llm.request.model_name': ATTR.REQUEST_MODEL,
  'llm.request.model': ATTR.REQUEST_MODEL,
  'embedding.model_name': ATTR.REQUEST_MODEL,
  'ai.model.id': ATTR.REQUEST_MODEL,
  'llm.response.model_name': ATTR.RESPONSE_MODEL,
  'llm.response.model': ATTR.RESPONSE_MODEL,
  'llm.model_name': ATTR.RESPONSE_MODEL,
  'ai.response.model': ATTR.RESPONSE_MODEL,
  'langfuse.observation.model.name': ATTR.RESPONSE_MODEL,
  'ai.response.id': ATTR.RESPONSE_ID,
  'gen_ai.openai.response.service_tier': ATTR.OPENAI_RESPONSE_SERVICE_TIER,
  'gen_ai.usage.prompt_tokens': ATTR.USAGE_INPUT_TOKENS,
  'llm.usage.prompt_tokens': ATTR.USAGE_INPUT_TOKENS,
  'llm.token_count.prompt': ATTR.USAGE_INPUT_TOKENS,
  'ai.usage.inputTokens': ATTR.USAGE_INPUT_TOKENS,
  'ai.usage.promptTokens': ATTR.USAGE_INPUT_TOKENS,
  'ai.usage.tokens': ATTR.USAGE_INPUT_TOKENS,
  'gen_ai.usage.completion_tokens': ATTR.USAGE_OUTPUT_TOKENS,
  'llm.usage.completion_tokens': ATTR.USAGE_OUTPUT_TOKENS,
  'llm.token_count.completion': ATTR.USAGE_OUTPUT_TOKENS,
  'ai.usage.outputTokens': ATTR.USAGE_OUTPUT_TOKENS,
  'ai.usage.completionTokens': ATTR.USAGE_OUTPUT_TOKENS,
  'gen_ai.usage.cache_read_input_tokens': ATTR.USAGE_CACHE_READ_INPUT_TOKENS,
  'gen_ai.usage.input_tokens.cached': ATTR.USAGE_CACHE_READ_INPUT_TOKENS,
  'gen_ai.usage.details.cache_read_tokens': ATTR.USAGE_CACHE_READ_INPUT_TOKENS,
  'gen_ai.usage.details.cache_read_input_tokens': ATTR.USAGE_CACHE_READ_INPUT_TOKENS,
  'llm.usage.cache_read_input_tokens': ATTR.USAGE_CACHE_READ_INPUT_TOKENS,
  'llm.token_count.prompt_details.cache_read': ATTR.USAGE_CACHE_READ_INPUT_TOKENS,
  'ai.usage.inputTokenDetails.cacheReadTokens': ATTR.USAGE_CACHE_READ_INPUT_TOKENS,
  'ai.usage.cachedInputTokens': ATTR.USAGE_CACHE_READ_INPUT_TOKENS,
  'gen_ai.usage.cache_creation.input_tokens': ATTR.USAGE_CACHE_WRITE_INPUT_TOKENS,
  'gen_ai.usage.cache_creation_input_tokens': ATTR.USAGE_CACHE_WRITE_INPUT_TOKENS,
  'gen_ai.usage.input_tokens.cache_write': ATTR.USAGE_CACHE_WRITE_INPUT_TOKENS,
  'gen_ai.usage.details.cache_write_tokens': ATTR.USAGE_CACHE_WRITE_INPUT_TOKENS,
  'gen_ai.usage.details.cache_creation_input_tokens': ATTR.USAGE_CACHE_WRITE_INPUT_TOKENS,
  'llm.usage.cache_creation_input_tokens': ATTR.USAGE_CACHE_WRITE_INPUT_TOKENS,
  'llm.token_count.prompt_details.cache_write': ATTR.USAGE_CACHE_WRITE_INPUT_TOKENS,
  'ai.usage.inputTokenDetails.cacheWriteTokens': ATTR.USAGE_CACHE_WRITE_INPUT_TOKENS,
  'anthropic.usage.cache_creation.ephemeral_1h_input_tokens': ATTR.USAGE_CACHE_WRITE_1H_INPUT_TOKENS,
  'gen_ai.usage.reasoning_tokens': ATTR.USAGE_REASONING_OUTPUT_TOKENS,
  'gen_ai.usage.output_tokens.reasoning': ATTR.USAGE_REASONING_OUTPUT_TOKENS,
  'gen_ai.usage.details.reasoning_tokens': ATTR.USAGE_REASONING_OUTPUT_TOKENS,
  'llm.usage.reasoning_tokens': ATTR.USAGE_REASONING_OUTPUT_TOKENS,
  'llm.token_count.completion_details.reasoning': ATTR.USAGE_REASONING_OUTPUT_TOKENS,
  'ai.usage.outputTokenDetails.reasoningTokens': ATTR.USAGE_REASONING_OUTPUT_TOKENS,
  'ai.usage.reasoningTokens': ATTR.USAGE_REASONING_OUTPUT_TOKENS,
  'gen_ai.cost.total_cost': ATTR.USAGE_COST_AMOUNT,
  'gen_ai.usage.cost': ATTR.USAGE_COST_AMOUNT,
  'gen_ai.usage.total_cost': ATTR.USAGE_COST_AMOUNT,
  'operation.cost': ATTR.USAGE_COST_AMOUNT,
  'llm.cost.total': ATTR.USAGE_COST_AMOUNT,
  'llm.finish_reason': ATTR.RESPONSE_FINISH_REASONS,
  'ai.response.finishReason': ATTR.RESPONSE_FINISH_REASONS,
  'anthropic.message.stop_reason': ATTR.RESPONSE_FINISH_REASONS,
  'gen_ai.client.operation.time_to_first_chunk': ATTR.RESPONSE_TIME_TO_FIRST_CHUNK,
  'ai.telemetry.functionId': ATTR.AGENT_NAME,
  'agent.name': ATTR.AGENT_NAME,
  'traceloop.workflow.name': ATTR.WORKFLOW_NAME,
  'langfuse.session.id': ATTR.SESSION_ID,
  'langfuse.user.id': ATTR.USER_ID,
};

/** What tells, in a dialect, which operation a span is, and what else is read of it. */
export const DIALECT_ATTR = {
  AI_OPERATION_ID: 'ai.operationId',
  AI_PROVIDER_METADATA: 'ai.response.providerMetadata',
  AI_TOTAL_TOKENS: 'ai.usage.totalTokens',
  AI_MS_TO_FIRST_CHUNK: 'ai.response.msToFirstChunk',
  /** Set where the AI SDK has put the input of all providers in one form: 6 and newer. */
  AI_NO_CACHE_TOKENS: 'ai.usage.inputTokenDetails.noCacheTokens',
  OPENINFERENCE_KIND: 'openinference.span.kind',
  TRACELOOP_KIND: 'traceloop.span.kind',
  TRACELOOP_ENTITY_NAME: 'traceloop.entity.name',
  LLM_REQUEST_TYPE: 'llm.request.type',
  INVOCATION_PARAMETERS: 'llm.invocation_parameters',
  LANGFUSE_TYPE: 'langfuse.observation.type',
  LANGFUSE_USAGE: 'langfuse.observation.usage_details',
  LANGFUSE_COST: 'langfuse.observation.cost_details',
  LITELLM_CALL_ID: 'litellm.call_id',
  LITELLM_CACHE_HIT: 'litellm.cache_hit',
  /** Usage as a Python dict is printed: the span's own counts have no parts. */
  LITELLM_USAGE: 'metadata.usage_object',
  /** Usage as the provider sent it, JSON. */
  LOGFIRE_USAGE: 'gen_ai.usage.raw',
  /** Seconds. */
  LOGFIRE_DURATION: 'duration',
  GENKIT_SUBTYPE: 'genkit:metadata:subtype',
  GENKIT_NAME: 'genkit:name',
  /** The whole answer, JSON. */
  GENKIT_OUTPUT: 'genkit:output',
  ANTHROPIC_SERVICE_TIER: 'anthropic.response.service_tier',
  /** One in so many was kept; written by samplers that know no `tracestate`. */
  SAMPLE_RATE: 'SampleRate',
  SAMPLING_PROBABILITY: 'sampling.probability',
} as const;

/**
 * Names of providers in the emitters' words, an AI SDK provider's before the kind of its models. However they part their
 * words, they are the same; so are the conventions' own names, which need no entry for that.
 */
export const PROVIDER_ALIASES: Readonly<Record<string, string>> = {
  'az.ai.openai': 'azure.ai.openai',
  azure: 'azure.ai.openai',
  'azure-openai': 'azure.ai.openai',
  'az.ai.inference': 'azure.ai.inference',
  azure_ai: 'azure.ai.inference',
  vertex_ai: 'gcp.vertex_ai',
  'google.vertex': 'gcp.vertex_ai',
  google_vertexai: 'gcp.vertex_ai',
  gemini: 'gcp.gemini',
  google: 'gcp.gemini',
  google_genai: 'gcp.gemini',
  googleai: 'gcp.gemini',
  'google-gla': 'gcp.gemini',
  'google.generative-ai': 'gcp.gemini',
  'gcp.gen_ai': 'gcp.gemini',
  bedrock: 'aws.bedrock',
  bedrock_converse: 'aws.bedrock',
  aws: 'aws.bedrock',
  'amazon-bedrock': 'aws.bedrock',
  amazon: 'aws.bedrock',
  mistral: 'mistral_ai',
  moonshot: 'moonshot_ai',
  together_ai: 'together',
  fireworks_ai: 'fireworks',
  watsonx: 'ibm.watsonx.ai',
  dashscope: 'alibaba',
  nvidia_nim: 'nvidia',
};

/** Whose models these are, for emitters that name the model alone. */
export const MODEL_FAMILIES: readonly (readonly [RegExp, string])[] = [
  [
    /^((us|eu|jp|au|apac|global)\.)?(amazon|anthropic|cohere|meta|mistral)\.|^arn:aws[\w-]*:bedrock:/,
    'aws.bedrock',
  ],
  [/^(gpt-|o\d|chatgpt-|text-embedding-|davinci|babbage)/, 'openai'],
  [/^claude-/, 'anthropic'],
  [/^(gemini|gemma|text-embedding-00)/, 'gcp.gemini'],
  [/^(mistral|magistral|codestral|ministral|pixtral)/, 'mistral_ai'],
  [/^(command|embed-|rerank-)/, 'cohere'],
  [/^grok-/, 'x_ai'],
  [/^deepseek-/, 'deepseek'],
];

/** Whose word stands before these on Bedrock, for emitters that leave it out. Claude's models have a price without it. */
export const BEDROCK_VENDORS: readonly (readonly [RegExp, string])[] = [
  [/^(nova|titan)-/, 'amazon'],
  [/^llama\d/, 'meta'],
  [/^(mistral|mixtral|pixtral|ministral|magistral|devstral|voxtral)-/, 'mistral'],
  [/^(command|embed|rerank)-/, 'cohere'],
  [/^(r1|v3)[.:-]/, 'deepseek'],
  [/^gpt-oss-/, 'openai'],
  [/^qwen\d/, 'qwen'],
  [/^jamba-/, 'ai21'],
];

/** Frameworks that name themselves, or nobody, where the conventions ask for the provider. */
export const NOT_PROVIDERS =
  /^(strands|lang(chain|graph)|llama_?index|crewai|haystack|dspy|autogen|agno|smolagents|semantic[-_]kernel|pydantic[-_.]?ai|openai[-_]agents|microsoft\.agent_framework|gcp\.vertex\.agent$|none|unknown)/i;

/**
 * Emitters that tell each request of a run whose sum costspan tells: the executable of the Claude Agent SDK. What both
 * name is the session.
 */
export const RUN_EMITTERS = /^com\.anthropic\.claude_code/;

/**
 * Emitters above or below others whose spans do not stand inside one another: frameworks whose callbacks set no
 * context, and SDKs that trace themselves.
 */
export const LAYERED_EMITTERS =
  /lang(chain|graph|fuse)|llama_?index|crewai|haystack|dspy|litellm|pydantic|logfire|mastra|^com\.anthropic\.sdk/i;
