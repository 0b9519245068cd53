import type { ModuleGate } from '../../module-gate.js';

/** The `openai` package. Before 4.13 its streams were made in another way, and hid nothing that was asked for. */
export const openaiModule: ModuleGate = {
  package: 'openai',
  versions: { from: '4.13.0', below: '8.0.0' },
  // 4 defines the class in index, 5 and later in client.
  files: ['client', 'index'],
  exportName: 'OpenAI',
  signature: ['https://api.openai.com/v1', 'X-Stainless-Lang'],
};

/** The name of what listens to them. */
export const OPENAI_SOCKETS = 'openai-sockets';
/** The connections of the same package, which stay open: realtime, live, and responses over one. */
export const openaiSocketsModule: ModuleGate = {
  ...openaiModule,
  files: [
    'realtime/internal-base',
    'beta/realtime/internal-base',
    'resources/responses/internal-base',
    'resources/beta/responses/internal-base',
    'resources/live/internal-base',
    'resources/live/forks/internal-base',
    'resources/live/sideband/internal-base',
  ],
  exportName: ['OpenAIRealtimeEmitter', 'ResponsesEmitter', 'LiveEmitter', 'ForksEmitter', 'SidebandEmitter'],
};
