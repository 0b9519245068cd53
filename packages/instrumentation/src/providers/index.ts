import type { Provider } from '../provider.js';
import { anthropic } from './anthropic.js';
import { openai } from './openai.js';

/** Every SDK that is instrumented: a new one is one line here. */
export const PROVIDERS: readonly Provider[] = [openai, anthropic];
