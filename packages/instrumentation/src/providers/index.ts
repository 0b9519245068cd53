import { requireLazily } from '../lazy.js';
import type { ProviderEntry } from '../load/entries.js';
import type { ModuleGate } from '../module-gate.js';
import type { Provider } from '../provider.js';
import { MODEL_PACKAGES } from './ai-sdk/packages.js';
import { anthropicModule } from './anthropic/module.js';
import {
  bedrockAgentModule,
  bedrockAgentRuntimeModule,
  bedrockControlModule,
  bedrockModule,
} from './bedrock/module.js';
import { cerebrasModule } from './cerebras/module.js';
import { cohereModule } from './cohere/module.js';
import {
  genaiInteractionsModule,
  genaiLiveModule,
  genaiModule,
  generativeAiModule,
  vertexaiModule,
} from './google/module.js';
import { groqModule } from './groq/module.js';
import { mistralModule, mistralSocketsModule } from './mistral/module.js';
import { ollamaModule } from './ollama/module.js';
import { openaiModule, openaiSocketsModule } from './openai/module.js';
import { openrouterModule } from './openrouter/module.js';
import { perplexityModule } from './perplexity/module.js';
import { sambanovaModule } from './sambanova/module.js';
import { togetherModule } from './together/module.js';
import { voyageModule } from './voyage/module.js';
import { writerModule } from './writer/module.js';

/** Knows its SDK at once and is loaded with it: a process that loads none would spend a quarter of its start on it. */
const lazily = (module: ModuleGate, load: () => Provider): ProviderEntry => ({ module, load });

const loadGenai = () => requireLazily('./providers/google-genai.js') as typeof import('./google-genai.js');
const loadOlderGoogle = () =>
  requireLazily('./providers/google-older.js') as typeof import('./google-older.js');

const loadMistral = () => requireLazily('./providers/mistral.js') as typeof import('./mistral.js');

const loadBedrock = () => requireLazily('./providers/bedrock.js') as typeof import('./bedrock.js');

const loadAiSdk = () => (requireLazily('./providers/ai-sdk.js') as typeof import('./ai-sdk.js')).aiSdk;

/** Every SDK that is instrumented: a new one is one line here. */
export const PROVIDERS: readonly ProviderEntry[] = [
  lazily(openaiModule, () => (requireLazily('./providers/openai.js') as typeof import('./openai.js')).openai),
  lazily(
    openaiSocketsModule,
    () =>
      (requireLazily('./providers/openai-sockets.js') as typeof import('./openai-sockets.js')).openaiSockets,
  ),
  lazily(
    anthropicModule,
    () => (requireLazily('./providers/anthropic.js') as typeof import('./anthropic.js')).anthropic,
  ),
  lazily(groqModule, () => (requireLazily('./providers/groq.js') as typeof import('./groq.js')).groq),
  lazily(
    togetherModule,
    () => (requireLazily('./providers/together.js') as typeof import('./together.js')).together,
  ),
  lazily(
    cerebrasModule,
    () => (requireLazily('./providers/cerebras.js') as typeof import('./cerebras.js')).cerebras,
  ),
  lazily(
    perplexityModule,
    () => (requireLazily('./providers/perplexity.js') as typeof import('./perplexity.js')).perplexity,
  ),
  lazily(
    sambanovaModule,
    () => (requireLazily('./providers/sambanova.js') as typeof import('./sambanova.js')).sambanova,
  ),
  lazily(writerModule, () => (requireLazily('./providers/writer.js') as typeof import('./writer.js')).writer),
  lazily(cohereModule, () => (requireLazily('./providers/cohere.js') as typeof import('./cohere.js')).cohere),
  lazily(mistralModule, () => loadMistral().mistral),
  lazily(mistralSocketsModule, () => loadMistral().mistralSockets),
  lazily(
    openrouterModule,
    () => (requireLazily('./providers/openrouter.js') as typeof import('./openrouter.js')).openrouter,
  ),
  lazily(voyageModule, () => (requireLazily('./providers/voyage.js') as typeof import('./voyage.js')).voyage),
  lazily(ollamaModule, () => (requireLazily('./providers/ollama.js') as typeof import('./ollama.js')).ollama),
  lazily(genaiModule, () => loadGenai().googleGenai),
  lazily(genaiInteractionsModule, () => loadGenai().googleGenaiInteractions),
  lazily(genaiLiveModule, () => loadGenai().googleGenaiLive),
  lazily(generativeAiModule, () => loadOlderGoogle().generativeAi),
  lazily(vertexaiModule, () => loadOlderGoogle().vertexai),
  lazily(bedrockModule, () => loadBedrock().bedrock),
  lazily(bedrockAgentRuntimeModule, () => loadBedrock().bedrockAgentRuntime),
  lazily(bedrockAgentModule, () => loadBedrock().bedrockAgent),
  lazily(bedrockControlModule, () => loadBedrock().bedrockControl),
  ...MODEL_PACKAGES.map((own) => lazily(own.module, () => loadAiSdk()(own))),
];
