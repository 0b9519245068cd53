import type { ModuleGate } from '../../module-gate.js';

/** Whose JSON a model's answers are: what it is read by. `normalised`: the AI SDK's own counts. */
export type Wire = 'chat' | 'completions' | 'responses' | 'messages' | 'gemini' | 'converse' | 'normalised';

/** A package of models for the AI SDK 4 to 7. */
export interface ModelPackage {
  readonly module: ModuleGate;
  /** Its classes with `doGenerate` and `doStream`. */
  readonly languageModels: Readonly<Record<string, Wire>>;
  /** Its classes with `doEmbed`. */
  readonly embeddingModels: readonly string[];
}

/** A model class is born in the package's one file, and once more in what other packages import of it. */
const FILES = ['dist/index', 'dist/internal/index'];

function modelPackage(
  name: string,
  below: string,
  languageModels: Readonly<Record<string, Wire>>,
  embeddingModels: readonly string[] = [],
): ModelPackage {
  const exportName = [...Object.keys(languageModels), ...embeddingModels];
  return {
    module: { package: name, versions: { from: '0.0.1', below }, files: FILES, exportName },
    languageModels,
    embeddingModels,
  };
}

/** Every package of models that is instrumented: a new one is one entry here. */
export const MODEL_PACKAGES: readonly ModelPackage[] = [
  modelPackage(
    '@ai-sdk/openai',
    '5.0.0',
    {
      OpenAIChatLanguageModel: 'chat',
      OpenAICompletionLanguageModel: 'completions',
      OpenAIResponsesLanguageModel: 'responses',
    },
    ['OpenAIEmbeddingModel'],
  ),
  modelPackage(
    '@ai-sdk/openai-compatible',
    '4.0.0',
    { OpenAICompatibleChatLanguageModel: 'chat', OpenAICompatibleCompletionLanguageModel: 'completions' },
    ['OpenAICompatibleEmbeddingModel'],
  ),
  modelPackage('@ai-sdk/anthropic', '5.0.0', {
    AnthropicMessagesLanguageModel: 'messages',
    AnthropicLanguageModel: 'messages',
  }),
  modelPackage(
    '@ai-sdk/google',
    '5.0.0',
    {
      GoogleGenerativeAILanguageModel: 'gemini',
      GoogleLanguageModel: 'gemini',
      GoogleInteractionsLanguageModel: 'normalised',
    },
    ['GoogleGenerativeAIEmbeddingModel', 'GoogleEmbeddingModel'],
  ),
  modelPackage(
    '@ai-sdk/amazon-bedrock',
    '6.0.0',
    { BedrockChatLanguageModel: 'converse', AmazonBedrockChatLanguageModel: 'converse' },
    ['BedrockEmbeddingModel', 'AmazonBedrockEmbeddingModel'],
  ),
  modelPackage(
    '@ai-sdk/mistral',
    '5.0.0',
    { MistralChatLanguageModel: 'chat', MistralConversationLanguageModel: 'normalised' },
    ['MistralEmbeddingModel'],
  ),
  modelPackage('@ai-sdk/groq', '5.0.0', { GroqChatLanguageModel: 'chat' }),
  modelPackage('@ai-sdk/cohere', '5.0.0', { CohereChatLanguageModel: 'normalised' }, [
    'CohereEmbeddingModel',
  ]),
  modelPackage('@ai-sdk/xai', '6.0.0', {
    XaiChatLanguageModel: 'chat',
    XaiResponsesLanguageModel: 'responses',
  }),
  modelPackage('@ai-sdk/deepseek', '4.0.0', { DeepSeekChatLanguageModel: 'chat' }),
  modelPackage('@ai-sdk/perplexity', '5.0.0', { PerplexityLanguageModel: 'chat' }, [
    'PerplexityEmbeddingModel',
  ]),
  modelPackage('@ai-sdk/gateway', '5.0.0', { GatewayLanguageModel: 'normalised' }, ['GatewayEmbeddingModel']),
  modelPackage(
    '@openrouter/ai-sdk-provider',
    '4.0.0',
    { OpenRouterChatLanguageModel: 'chat', OpenRouterCompletionLanguageModel: 'completions' },
    ['OpenRouterEmbeddingModel'],
  ),
];
