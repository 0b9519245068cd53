import { PROVIDER } from '@costspan/semconv';
import type { StainlessProvider } from '../provider.js';
import { cerebrasModule } from './cerebras/module.js';
import { chatCompletions } from './openai/chat.js';
import { compatibleEndpoints } from './openai/compatible.js';
import { legacyCompletions } from './openai/legacy-completions.js';

/** The `@cerebras/cerebras_cloud_sdk` package. The last chunk of a stream carries its usage, asked or not. */
export const cerebras: StainlessProvider = {
  name: 'cerebras',
  module: cerebrasModule,
  client: { style: 'stainless' },
  endpoints: compatibleEndpoints({ provider: PROVIDER.CEREBRAS, prefix: '/v1', sendsStreamUsage: true }, [
    chatCompletions,
    legacyCompletions,
  ]),
};
