import type { ModuleGate } from '../../module-gate.js';

/** The `@aws-sdk/client-bedrock-runtime` package since it has Converse. Older builds have an underscore before the class's name. */
export const bedrockModule: ModuleGate = {
  package: '@aws-sdk/client-bedrock-runtime',
  versions: { from: '3.587.0', below: '4.0.0' },
  files: ['dist-cjs/index', 'dist-es/BedrockRuntimeClient'],
  exportName: ['BedrockRuntimeClient', '_BedrockRuntimeClient'],
};
