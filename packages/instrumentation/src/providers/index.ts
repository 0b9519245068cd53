import { requireLazily } from '../lazy.js';
import type { ModuleGate, Provider } from '../provider.js';
import { anthropicModule } from './anthropic/module.js';
import { cerebrasModule } from './cerebras/module.js';
import { groqModule } from './groq/module.js';
import { openaiModule } from './openai/module.js';
import { perplexityModule } from './perplexity/module.js';
import { sambanovaModule } from './sambanova/module.js';
import { togetherModule } from './together/module.js';
import { writerModule } from './writer/module.js';

/** Every SDK that is instrumented: a new one is one line here. */
export const PROVIDERS: readonly Provider[] = [
  lazily(openaiModule, () => (requireLazily('./providers/openai.js') as typeof import('./openai.js')).openai),
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
];

/** Knows its SDK at once and is loaded with it: a process that loads none would spend a quarter of its start on it. */
function lazily(module: ModuleGate, load: () => Provider): Provider {
  return {
    module,
    get name() {
      return load().name;
    },
    get client() {
      return load().client;
    },
    get endpoints() {
      return load().endpoints;
    },
  };
}
