import type { ModuleGate } from '../../provider.js';

/** The `openai` package. */
export const openaiModule: ModuleGate = {
  package: 'openai',
  versions: { from: '4.0.0', below: '8.0.0' },
  // 4 defines the class in index, 5 and later in client.
  files: ['client', 'index'],
  exportName: 'OpenAI',
  signature: ['https://api.openai.com/v1', 'X-Stainless-Lang'],
};
