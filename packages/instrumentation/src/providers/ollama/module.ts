import type { ModuleGate } from '../../module-gate.js';

/** The `ollama` package; its Node entry extends the class that its browser entry defines. */
export const ollamaModule: ModuleGate = {
  package: 'ollama',
  versions: { from: '0.5.9', below: '0.7.0' },
  files: ['dist/browser', 'dist/index'],
  exportName: 'Ollama',
  signature: ['Did not receive done or success response in stream'],
};
