import type { ModuleGate } from '../module-gate.js';

/** The AI SDK; its packages of models, through which the calls go, are providers of their own. */
export const aiModule: ModuleGate = {
  package: 'ai',
  versions: { from: '4.0.0', below: '8.0.0' },
  files: ['dist/index'],
  functionNames: ['generateText', 'streamText', 'generateObject', 'streamObject', 'embed', 'embedMany'],
};

export const langchainModule: ModuleGate = {
  package: '@langchain/core',
  versions: { from: '0.3.0', below: '2.0.0' },
  files: [
    'dist/tools/index',
    'dist/retrievers/index',
    'dist/runnables/base',
    'dist/language_models/chat_models',
  ],
  exportName: ['StructuredTool', 'BaseRetriever', 'RunnableSequence', 'BaseChatModel'],
};

const executorFiles = { files: ['dist/agents/executor'], exportName: 'AgentExecutor' };

/** From 1.0 on its agents are graphs, and nothing of it is left to patch. */
export const langchainOwnModule: ModuleGate = {
  package: 'langchain',
  versions: { from: '0.3.0', below: '2.0.0' },
  ...executorFiles,
};

export const langchainClassicModule: ModuleGate = {
  package: '@langchain/classic',
  versions: { from: '1.0.0', below: '2.0.0' },
  ...executorFiles,
};

export const langgraphModule: ModuleGate = {
  package: '@langchain/langgraph',
  versions: { from: '0.2.3', below: '2.0.0' },
  files: ['dist/pregel/index'],
  exportName: 'Pregel',
};

export const llamaindexModule: ModuleGate = {
  package: '@llamaindex/core',
  versions: { from: '0.6.0', below: '0.7.0' },
  files: ['retriever/dist/index', 'query-engine/dist/index', 'chat-engine/dist/index'],
  exportName: ['BaseRetriever', 'BaseQueryEngine', 'ContextChatEngine'],
};

export const llamaindexWorkflowModule: ModuleGate = {
  package: '@llamaindex/workflow',
  versions: { from: '1.1.14', below: '2.0.0' },
  files: ['dist/index'],
  exportName: 'AgentWorkflow',
};

/** Its bundler puts each class into a file that is called after its content. */
export const mastraModule: ModuleGate = {
  package: '@mastra/core',
  versions: { from: '0.20.0', below: '2.0.0' },
  files: ['dist/(?:agent|utils|chunk)-[\\w-]{8}'],
  exportName: ['Agent', 'Run', 'CoreToolBuilder'],
};

export const openaiAgentsModule: ModuleGate = {
  package: '@openai/agents-core',
  versions: { from: '0.1.0', below: '1.0.0' },
  files: ['dist/run', 'dist/runner/toolExecution', 'dist/tool'],
  exportName: 'Runner',
  functionNames: ['withToolFunctionSpan', 'tool'],
};

export const claudeAgentModule: ModuleGate = {
  package: '@anthropic-ai/claude-agent-sdk',
  versions: { from: '0.1.0', below: '1.0.0' },
  files: ['sdk'],
  functionNames: ['query'],
};
