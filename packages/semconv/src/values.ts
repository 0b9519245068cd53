/** Well-known values of the attributes; a union is closed where the contract closes it. */

/** `gen_ai.operation.name` values that costspan emits. */
export const OPERATION = {
  CHAT: 'chat',
  TEXT_COMPLETION: 'text_completion',
  GENERATE_CONTENT: 'generate_content',
  EMBEDDINGS: 'embeddings',
  RETRIEVAL: 'retrieval',
  FETCH_RESPONSE: 'fetch_response',
  CREATE_AGENT: 'create_agent',
  INVOKE_AGENT: 'invoke_agent',
  INVOKE_WORKFLOW: 'invoke_workflow',
  EXECUTE_TOOL: 'execute_tool',
  /** Not in the conventions, which allow own values where none applies: a free request that only counts tokens. */
  COUNT_TOKENS: 'count_tokens',
  /** Not in the conventions either: a free request that only classifies. */
  MODERATE: 'moderate',
  /** Not in the conventions: documents put in the order of their relevance. */
  RERANK: 'rerank',
  /** Not in the conventions: a guardrail that is asked by itself, and billed by its units. */
  APPLY_GUARDRAIL: 'apply_guardrail',
} as const;
/** One `gen_ai.operation.name`; custom values are allowed by the conventions. */
export type Operation = (typeof OPERATION)[keyof typeof OPERATION] | (string & {});

/** `gen_ai.provider.name`: well-known values first, then those the conventions have no name for. */
export const PROVIDER = {
  OPENAI: 'openai',
  ANTHROPIC: 'anthropic',
  AWS_BEDROCK: 'aws.bedrock',
  AZURE_AI_OPENAI: 'azure.ai.openai',
  AZURE_AI_INFERENCE: 'azure.ai.inference',
  COHERE: 'cohere',
  DEEPSEEK: 'deepseek',
  GCP_GEMINI: 'gcp.gemini',
  GCP_VERTEX_AI: 'gcp.vertex_ai',
  GROQ: 'groq',
  MISTRAL_AI: 'mistral_ai',
  MOONSHOT_AI: 'moonshot_ai',
  PERPLEXITY: 'perplexity',
  X_AI: 'x_ai',
  OPENROUTER: 'openrouter',
  OLLAMA: 'ollama',
  TOGETHER: 'together',
  FIREWORKS: 'fireworks',
  CEREBRAS: 'cerebras',
  HUGGINGFACE: 'huggingface',
  ALIBABA: 'alibaba',
  Z_AI: 'z_ai',
  VOYAGE: 'voyage',
  REPLICATE: 'replicate',
  SAMBANOVA: 'sambanova',
  WRITER: 'writer',
  META_LLAMA: 'meta_llama',
  /** The subscription, which is paid by the month; what is bought by the token is `openai`. */
  CHATGPT: 'chatgpt',
  AI21: 'ai21',
  ASSEMBLYAI: 'assemblyai',
  BASETEN: 'baseten',
  CLOUDFLARE: 'cloudflare',
  DATABRICKS: 'databricks',
  DEEPGRAM: 'deepgram',
  DEEPINFRA: 'deepinfra',
  ELEVENLABS: 'elevenlabs',
  FAL: 'fal',
  HYPERBOLIC: 'hyperbolic',
  IBM_WATSONX_AI: 'ibm.watsonx.ai',
  JINA: 'jina',
  MINIMAX: 'minimax',
  NEBIUS: 'nebius',
  NOVITA: 'novita',
  NVIDIA: 'nvidia',
  OVHCLOUD: 'ovhcloud',
  SILICONFLOW: 'siliconflow',
  UPSTAGE: 'upstage',
  VOLCENGINE: 'volcengine',
} as const;
/** One `gen_ai.provider.name`; an unknown host keeps its host name. */
export type ProviderName = (typeof PROVIDER)[keyof typeof PROVIDER] | (string & {});

/** `gen_ai.response.status`: how far a response has come that was fetched by its id. */
export const RESPONSE_STATUSES: readonly string[] = [
  'queued',
  'in_progress',
  'completed',
  'incomplete',
  'failed',
  'cancelled',
];
/** `costspan.task.outcome`. */
export const OUTCOMES = ['success', 'failure', 'abandoned', 'unknown'] as const;
/** One of {@link OUTCOMES}. */
export type Outcome = (typeof OUTCOMES)[number];
/** `costspan.task.outcome.source`. */
export const OUTCOME_SOURCES = [
  'api',
  'http',
  'exception',
  'evaluation',
  'feedback',
  'timeout',
  'job',
] as const;
/** One of {@link OUTCOME_SOURCES}. */
export type OutcomeSource = (typeof OUTCOME_SOURCES)[number];
/**
 * What may be the task of a call: one that the application named, the server span of a request, a consumer span, the
 * span of a job, and those of agent frameworks.
 */
export const TASK_SOURCES = ['scope', 'http', 'messaging', 'job', 'invoke_workflow', 'invoke_agent'] as const;
/** One of {@link TASK_SOURCES}. */
export type TaskSource = (typeof TASK_SOURCES)[number];
/** Without a setting a framework's agent is no task: the request that it runs for is. */
export const DEFAULT_TASK_SOURCES: readonly TaskSource[] = ['scope', 'http', 'messaging', 'job'];
/** `costspan.cost.status`. */
export type CostStatus = 'priced' | 'estimated' | 'partial' | 'unpriced';
/** `costspan.usage.status`. */
export type UsageStatus = 'complete' | 'partial' | 'missing';
/** `costspan.price.mode`. `provisioned` is capacity that is paid for by time or in advance: no price per token exists. */
export const PRICE_MODES = ['standard', 'batch', 'flex', 'priority', 'fast', 'provisioned'] as const;
/** One of {@link PRICE_MODES}. */
export type PriceMode = (typeof PRICE_MODES)[number];
/**
 * What is billed by something other than tokens, in whole numbers; durations are milliseconds. The first word says
 * on which side of the call it stands: `output_…` is part of the cost's output, everything else of its input.
 */
export const BILLED_UNITS = [
  'input_image',
  'output_image',
  'input_audio_ms',
  'output_audio_ms',
  'input_video_ms',
  'output_video_ms',
  'input_character',
  'input_message',
  'input_page',
  'input_annotated_page',
  'search',
  'classification',
  'training_token',
  /** Time that a session is open, whoever speaks in it. */
  'session_ms',
  /** Tokens kept for a second: an explicit cache is billed by the hour. */
  'stored_token_second',
] as const;
/** One of {@link BILLED_UNITS}. */
export type BilledUnit = (typeof BILLED_UNITS)[number];
/** `gen_ai.usage.cost.source`. */
export type CostSource = 'provider' | 'local';
/** Label `status` of `llm_calls_total`. */
export type CallStatus = 'ok' | 'error' | 'aborted';
/** `error.type` of a call whose consumer stopped it: broke off the stream, aborted, or never read the answer. */
export const ABORTED_ERROR_TYPE = 'aborted';
/** `error.type` where nothing better is known. */
export const OTHER_ERROR_TYPE = '_OTHER';
/** `error.type` values that count as `aborted`, not as `error`: ours, and the SDKs' and runtimes' own class names. */
export const ABORT_ERROR_TYPES: readonly string[] = [
  ABORTED_ERROR_TYPE,
  'AbortError',
  'APIUserAbortError',
  'CancelledError',
  'cancelled',
];
/** Label `token_type` of `llm_tokens_total`: a partition, so the sum is the total. */
export const TOKEN_TYPES = ['input', 'cache_read', 'cache_write', 'output', 'reasoning'] as const;
/** One of {@link TOKEN_TYPES}. */
export type TokenType = (typeof TOKEN_TYPES)[number];
/** Label `reason` of `llm_wasted_cost_usd_total`. */
export const WASTE_REASONS = [
  'failed_task',
  'abandoned_task',
  'error_call',
  'aborted_stream',
  'retried_call',
  'duplicate_call',
] as const;
/** One of {@link WASTE_REASONS}. */
export type WasteReason = (typeof WASTE_REASONS)[number];

/** Event of a span that holds one exception. */
export const EXCEPTION_EVENT = 'exception';

/** Operations whose every span is one billed model call. */
export const INFERENCE_OPERATIONS: readonly string[] = [
  OPERATION.CHAT,
  OPERATION.TEXT_COMPLETION,
  OPERATION.GENERATE_CONTENT,
  OPERATION.EMBEDDINGS,
  OPERATION.RERANK,
];
/** Operations that are never a call: what they cost is on the inference spans below them, or nothing. */
export const NON_INFERENCE_OPERATIONS: readonly string[] = [
  OPERATION.RETRIEVAL,
  OPERATION.FETCH_RESPONSE,
  OPERATION.CREATE_AGENT,
  OPERATION.INVOKE_AGENT,
  OPERATION.INVOKE_WORKFLOW,
  OPERATION.EXECUTE_TOOL,
  OPERATION.COUNT_TOKENS,
  OPERATION.MODERATE,
  'plan',
  'create_memory',
  'update_memory',
  'upsert_memory',
  'search_memory',
  'delete_memory',
  'create_memory_store',
  'delete_memory_store',
];

/** Label value that takes over when a series or tenant limit is reached: the money stays in the sum. */
export const OVERFLOW_LABEL = 'other';
/** Labels whose values costspan itself names: few, so they keep their value where a limit turns the others into `other`. */
export const CLOSED_LABELS: readonly string[] = [
  'token_type',
  'status',
  'mode',
  'cost_source',
  'outcome',
  'from',
  'to',
  'cache',
];
/** `costspan.feature` of a call that no scope, route or setting names. */
export const UNATTRIBUTED_FEATURE = 'unattributed';
/** The currency of every amount. */
export const CURRENCY = 'USD';
/** Instrumentation scope name of every span that costspan writes. */
export const INSTRUMENTATION_SCOPE = '@costspan/instrumentation';
/** Feature of the calls that an evaluator makes: shown apart, never hidden in the task that it judges. */
export const EVALUATION_FEATURE = 'evaluation';
/** Event of a span, or of a log record, that holds one evaluation. */
export const EVALUATION_EVENT = 'gen_ai.evaluation.result';

/** The config file that is read when nothing names one, in the working directory. */
export const CONFIG_FILE = './costspan.yaml';
