import type { ModuleGate } from '../../module-gate.js';

/** Older builds have an underscore before the class's name. */
const awsModule = (name: string, className: string, from: string): ModuleGate => ({
  package: `@aws-sdk/${name}`,
  versions: { from, below: '4.0.0' },
  files: ['dist-cjs/index', `dist-es/${className}`],
  exportName: [className, `_${className}`],
});

/** Since it has Converse. */
export const bedrockModule = awsModule('client-bedrock-runtime', 'BedrockRuntimeClient', '3.587.0');
/** Since the traces of its agents name their models. */
export const bedrockAgentRuntimeModule = awsModule(
  'client-bedrock-agent-runtime',
  'BedrockAgentRuntimeClient',
  '3.714.0',
);
export const bedrockAgentModule = awsModule('client-bedrock-agent', 'BedrockAgentClient', '3.588.0');
export const bedrockControlModule = awsModule('client-bedrock', 'BedrockClient', '3.583.0');
