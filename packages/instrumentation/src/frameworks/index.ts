import type { Framework, FrameworkEntry } from '../framework.js';
import { requireLazily } from '../lazy.js';
import type { ModuleGate } from '../module-gate.js';
import {
  aiModule,
  claudeAgentModule,
  langchainClassicModule,
  langchainModule,
  langchainOwnModule,
  langgraphModule,
  llamaindexModule,
  llamaindexWorkflowModule,
  mastraModule,
  openaiAgentsModule,
} from './modules.js';

/** Knows its framework at once and is loaded with it. */
const lazily = (module: ModuleGate, loadFramework: () => Framework): FrameworkEntry => ({
  module,
  loadFramework,
});

const loadLangchain = () => requireLazily('./frameworks/langchain.js') as typeof import('./langchain.js');
const loadLlamaindex = () => requireLazily('./frameworks/llamaindex.js') as typeof import('./llamaindex.js');

/** Every framework whose structure is recorded: a new one is one line here. */
export const FRAMEWORKS: readonly FrameworkEntry[] = [
  lazily(aiModule, () => (requireLazily('./frameworks/ai-sdk.js') as typeof import('./ai-sdk.js')).aiSdk),
  {
    ...lazily(
      claudeAgentModule,
      () => (requireLazily('./frameworks/claude-agent.js') as typeof import('./claude-agent.js')).claudeAgent,
    ),
    carriesCalls: true,
  },
  lazily(langchainModule, () => loadLangchain().langchain),
  lazily(langchainOwnModule, () => loadLangchain().langchainOwn),
  lazily(langchainClassicModule, () => loadLangchain().langchainClassic),
  lazily(langgraphModule, () => loadLangchain().langgraph),
  lazily(llamaindexModule, () => loadLlamaindex().llamaindex),
  lazily(llamaindexWorkflowModule, () => loadLlamaindex().llamaindexWorkflow),
  lazily(
    mastraModule,
    () => (requireLazily('./frameworks/mastra.js') as typeof import('./mastra.js')).mastra,
  ),
  lazily(
    openaiAgentsModule,
    () =>
      (requireLazily('./frameworks/openai-agents.js') as typeof import('./openai-agents.js')).openaiAgents,
  ),
];
