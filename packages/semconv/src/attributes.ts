import type { BilledUnit } from './values.js';

/**
 * Every span, event and resource attribute that costspan writes or reads, once.
 *
 * `gen_ai.*` follows open-telemetry/semantic-conventions-genai (development; the newest names), the cost
 * attributes its pull request 443, and `costspan.*` is what the conventions have no name for.
 * The npm package of the conventions does not hold the new names yet, so they are written out here.
 */
export const ATTR = {
  // OpenTelemetry GenAI: the call
  OPERATION_NAME: 'gen_ai.operation.name',
  PROVIDER_NAME: 'gen_ai.provider.name',
  CONVERSATION_ID: 'gen_ai.conversation.id',
  OUTPUT_TYPE: 'gen_ai.output.type',
  REQUEST_MODEL: 'gen_ai.request.model',
  REQUEST_MAX_TOKENS: 'gen_ai.request.max_tokens',
  REQUEST_STREAM: 'gen_ai.request.stream',
  REQUEST_CHOICE_COUNT: 'gen_ai.request.choice.count',
  REQUEST_SEED: 'gen_ai.request.seed',
  REQUEST_TEMPERATURE: 'gen_ai.request.temperature',
  REQUEST_TOP_P: 'gen_ai.request.top_p',
  REQUEST_TOP_K: 'gen_ai.request.top_k',
  REQUEST_FREQUENCY_PENALTY: 'gen_ai.request.frequency_penalty',
  REQUEST_PRESENCE_PENALTY: 'gen_ai.request.presence_penalty',
  REQUEST_STOP_SEQUENCES: 'gen_ai.request.stop_sequences',
  REQUEST_PREVIOUS_RESPONSE_ID: 'gen_ai.request.previous_response.id',
  REQUEST_REASONING_LEVEL: 'gen_ai.request.reasoning.level',
  REQUEST_ENCODING_FORMATS: 'gen_ai.request.encoding_formats',
  EMBEDDINGS_DIMENSION_COUNT: 'gen_ai.embeddings.dimension.count',
  RESPONSE_ID: 'gen_ai.response.id',
  RESPONSE_MODEL: 'gen_ai.response.model',
  RESPONSE_FINISH_REASONS: 'gen_ai.response.finish_reasons',
  RESPONSE_STATUS: 'gen_ai.response.status',
  RESPONSE_TIME_TO_FIRST_CHUNK: 'gen_ai.response.time_to_first_chunk',
  // OpenTelemetry GenAI: content, opt-in
  INPUT_MESSAGES: 'gen_ai.input.messages',
  OUTPUT_MESSAGES: 'gen_ai.output.messages',
  SYSTEM_INSTRUCTIONS: 'gen_ai.system_instructions',
  TOOL_DEFINITIONS: 'gen_ai.tool.definitions',
  // OpenTelemetry GenAI: agents, workflows, tools, retrieval
  AGENT_NAME: 'gen_ai.agent.name',
  WORKFLOW_NAME: 'gen_ai.workflow.name',
  TOOL_NAME: 'gen_ai.tool.name',
  TOOL_TYPE: 'gen_ai.tool.type',
  TOOL_CALL_ID: 'gen_ai.tool.call.id',
  RETRIEVAL_TOP_K: 'gen_ai.retrieval.top_k',
  DATA_SOURCE_ID: 'gen_ai.data_source.id',
  // OpenTelemetry GenAI: usage
  USAGE_INPUT_TOKENS: 'gen_ai.usage.input_tokens',
  USAGE_OUTPUT_TOKENS: 'gen_ai.usage.output_tokens',
  USAGE_CACHE_READ_INPUT_TOKENS: 'gen_ai.usage.cache_read.input_tokens',
  USAGE_CACHE_WRITE_INPUT_TOKENS: 'gen_ai.usage.cache_write.input_tokens',
  USAGE_REASONING_OUTPUT_TOKENS: 'gen_ai.usage.reasoning.output_tokens',
  USAGE_TEXT_INPUT_TOKENS: 'gen_ai.usage.text.input_tokens',
  USAGE_IMAGE_INPUT_TOKENS: 'gen_ai.usage.image.input_tokens',
  USAGE_AUDIO_INPUT_TOKENS: 'gen_ai.usage.audio.input_tokens',
  USAGE_TEXT_CACHE_READ_INPUT_TOKENS: 'gen_ai.usage.text.cache_read.input_tokens',
  USAGE_IMAGE_CACHE_READ_INPUT_TOKENS: 'gen_ai.usage.image.cache_read.input_tokens',
  USAGE_AUDIO_CACHE_READ_INPUT_TOKENS: 'gen_ai.usage.audio.cache_read.input_tokens',
  USAGE_TEXT_OUTPUT_TOKENS: 'gen_ai.usage.text.output_tokens',
  USAGE_IMAGE_OUTPUT_TOKENS: 'gen_ai.usage.image.output_tokens',
  USAGE_AUDIO_OUTPUT_TOKENS: 'gen_ai.usage.audio.output_tokens',
  // OpenTelemetry GenAI pull request 443: cost
  USAGE_COST_AMOUNT: 'gen_ai.usage.cost.amount',
  USAGE_COST_CURRENCY: 'gen_ai.usage.cost.currency',
  USAGE_COST_SOURCE: 'gen_ai.usage.cost.source',
  // Evaluation events
  EVALUATION_NAME: 'gen_ai.evaluation.name',
  EVALUATION_SCORE_VALUE: 'gen_ai.evaluation.score.value',
  EVALUATION_SCORE_LABEL: 'gen_ai.evaluation.score.label',
  EVALUATION_EXPLANATION: 'gen_ai.evaluation.explanation',
  /** On the span of a call or a task: class of what was wrong with its structured output. Only costspan has it. */
  OUTPUT_VALIDATION_ERROR: 'costspan.output.validation.error',
  // Provider-specific
  OPENAI_API_TYPE: 'openai.api.type',
  OPENAI_REQUEST_SERVICE_TIER: 'openai.request.service_tier',
  OPENAI_RESPONSE_SERVICE_TIER: 'openai.response.service_tier',
  OPENAI_RESPONSE_SYSTEM_FINGERPRINT: 'openai.response.system_fingerprint',
  // General
  ERROR_TYPE: 'error.type',
  EXCEPTION_TYPE: 'exception.type',
  SERVER_ADDRESS: 'server.address',
  SERVER_PORT: 'server.port',
  HTTP_REQUEST_RESEND_COUNT: 'http.request.resend_count',
  HTTP_REQUEST_METHOD: 'http.request.method',
  HTTP_RESPONSE_STATUS_CODE: 'http.response.status_code',
  HTTP_ROUTE: 'http.route',
  /** What servers without the stable conventions still write. */
  HTTP_STATUS_CODE: 'http.status_code',
  /** Name of an event that came as a log record, where the record has no field for it. */
  EVENT_NAME: 'event.name',
  USER_ID: 'user.id',
  SESSION_ID: 'session.id',
  // Resource
  SERVICE_NAME: 'service.name',
  DEPLOYMENT_ENVIRONMENT_NAME: 'deployment.environment.name',
  // costspan: attribution
  FEATURE: 'costspan.feature',
  TASK_NAME: 'costspan.task.name',
  TASK_ID: 'costspan.task.id',
  TASK_PARENT_ID: 'costspan.task.parent.id',
  TASK_OUTCOME: 'costspan.task.outcome',
  TASK_OUTCOME_SOURCE: 'costspan.task.outcome.source',
  TASK_OUTCOME_REASON: 'costspan.task.outcome.reason',
  USER_TIER: 'costspan.user.tier',
  TENANT: 'costspan.tenant',
  /** On a call: equal for calls that ask the same, whoever makes the digest; what names a duplicate within a task. */
  REQUEST_DIGEST: 'costspan.request.digest',
  /** Boolean, on another instrumentation's span around a call of which costspan has its own: that one counts. */
  SUPERSEDED: 'costspan.superseded',
  /** Boolean, on a gateway's part of a call that another service has sent to it: whom it is for is known there. */
  RELAYED: 'costspan.relayed',
  /**
   * On a call that was made for a request which asks a model itself: the host that the request was sent to, with the
   * port where that is not the usual one. By it a gateway's report and that of the service which asks it are one call.
   */
  ENTRY_HOST: 'costspan.entry.host',
  // costspan: cost and usage
  COST_STATUS: 'costspan.cost.status',
  COST_REASON: 'costspan.cost.reason',
  COST_INPUT: 'costspan.cost.input',
  COST_CACHE_READ: 'costspan.cost.cache_read',
  COST_CACHE_WRITE: 'costspan.cost.cache_write',
  COST_OUTPUT: 'costspan.cost.output',
  COST_TOOLS: 'costspan.cost.tools',
  CACHE_SAVINGS: 'costspan.cost.cache_savings',
  /** What the call costs at list price, where a contract changes it. */
  COST_LIST: 'costspan.cost.list.amount',
  /** What the price table says, where the provider reported the cost. */
  COST_LOCAL: 'costspan.cost.local.amount',
  /** The value that was refused and the rule that it breaks. */
  COST_DETAIL: 'costspan.cost.detail',
  PRICE_VERSION: 'costspan.price.version',
  PRICE_MODE: 'costspan.price.mode',
  USAGE_STATUS: 'costspan.usage.status',
  USAGE_CACHE_WRITE_1H_INPUT_TOKENS: 'costspan.usage.cache_write_1h.input_tokens',
  /** Size of the prompt that decides the context tier, where that is not all input of the call. */
  USAGE_CONTEXT_INPUT_TOKENS: 'costspan.usage.context.input_tokens',
  USAGE_VIDEO_INPUT_TOKENS: 'costspan.usage.video.input_tokens',
  USAGE_VIDEO_OUTPUT_TOKENS: 'costspan.usage.video.output_tokens',
  /** What picks among the rates of a billed unit: size and quality of an image, resolution of a video. */
  USAGE_UNIT_VARIANT: 'costspan.usage.unit.variant',
} as const;

/** Name of one attribute of {@link ATTR}. */
export type AttributeName = (typeof ATTR)[keyof typeof ATTR];

/** Attributes of type double: a whole number is one of them too, and must be sent as such. */
export const DOUBLE_ATTRIBUTES: ReadonlySet<string> = new Set([
  ATTR.REQUEST_TEMPERATURE,
  ATTR.REQUEST_TOP_P,
  ATTR.REQUEST_FREQUENCY_PENALTY,
  ATTR.REQUEST_PRESENCE_PENALTY,
  ATTR.RESPONSE_TIME_TO_FIRST_CHUNK,
  ATTR.USAGE_COST_AMOUNT,
  ATTR.EVALUATION_SCORE_VALUE,
  ATTR.COST_INPUT,
  ATTR.COST_CACHE_READ,
  ATTR.COST_CACHE_WRITE,
  ATTR.COST_OUTPUT,
  ATTR.COST_TOOLS,
  ATTR.CACHE_SAVINGS,
  ATTR.COST_LIST,
  ATTR.COST_LOCAL,
]);

/** Attribute name of the number of requests to a provider-hosted tool, e.g. `web_search`. Type int, unit `{request}`. */
export const toolRequestsAttribute = (tool: string): string => `costspan.usage.${tool}.requests`;

/** Attribute name of a count of {@link BilledUnit}s, e.g. `output_image`. Type int. */
export const billedUnitsAttribute = (unit: BilledUnit): string => `costspan.usage.${unit}.units`;

/** The scope keys that may travel between the application's own processes as W3C baggage; nothing else does. */
export const BAGGAGE_KEYS = [
  ATTR.FEATURE,
  ATTR.TASK_NAME,
  ATTR.TASK_ID,
  ATTR.USER_TIER,
  ATTR.TENANT,
  ATTR.USER_ID,
  ATTR.SESSION_ID,
] as const;

/** Attributes that hold prompts, completions or tool definitions: recorded only when the user switched it on. */
export const CONTENT_ATTRIBUTES: readonly string[] = [
  ATTR.INPUT_MESSAGES,
  ATTR.OUTPUT_MESSAGES,
  ATTR.SYSTEM_INSTRUCTIONS,
  ATTR.TOOL_DEFINITIONS,
];
