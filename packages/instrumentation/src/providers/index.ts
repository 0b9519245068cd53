import { requireLazily } from '../lazy.js';
import type { ModuleGate, Provider } from '../provider.js';
import { anthropicModule } from './anthropic/module.js';
import { openaiModule } from './openai/module.js';

/** Every SDK that is instrumented: a new one is one line here. */
export const PROVIDERS: readonly Provider[] = [
  lazily(openaiModule, () => (requireLazily('./providers/openai.js') as typeof import('./openai.js')).openai),
  lazily(
    anthropicModule,
    () => (requireLazily('./providers/anthropic.js') as typeof import('./anthropic.js')).anthropic,
  ),
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
