import { ATTR, OPERATION } from '@costspan/semconv';
import type { Framework, Step } from '../framework.js';
import { readFields, readInteger, readText } from '../providers/fields.js';
import { readDataSource } from './data-source.js';
import { llamaindexModule, llamaindexWorkflowModule } from './modules.js';

/** An engine finds and asks; alone it has no name. */
const engine = (className: string, method: string): Step => ({
  className,
  method,
  readStart: () => ({ operation: OPERATION.INVOKE_WORKFLOW }),
});

/** LlamaIndex: what its retrievers find, and the engines that answer by it. */
export const llamaindex: Framework = {
  name: 'LlamaIndex',
  module: llamaindexModule,
  steps: [
    {
      className: 'BaseRetriever',
      method: 'retrieve',
      readStart: (_args, instance) => ({
        operation: OPERATION.RETRIEVAL,
        name: readDataSource(readFields(readFields(readFields(instance).index).vectorStores).TEXT),
        attributes: { [ATTR.RETRIEVAL_TOP_K]: readInteger(readFields(instance).similarityTopK) },
      }),
    },
    engine('BaseQueryEngine', 'query'),
    engine('ContextChatEngine', 'chat'),
  ],
};

const agent = (method: string): Step => ({
  className: 'AgentWorkflow',
  method,
  readStart: (_args, instance) => {
    return { operation: OPERATION.INVOKE_AGENT, name: readText(readFields(instance).rootAgentName) };
  },
});

/** Agents of LlamaIndex; a run is the root agent's, handoffs included. */
export const llamaindexWorkflow: Framework = {
  name: 'LlamaIndex agents',
  module: llamaindexWorkflowModule,
  steps: [
    agent('run'),
    agent('runStream'),
    {
      className: 'AgentWorkflow',
      method: 'callTool',
      readStart: ([toolCall]) => ({
        operation: OPERATION.EXECUTE_TOOL,
        name: readText(readFields(toolCall).toolName),
        attributes: {
          [ATTR.TOOL_TYPE]: 'function',
          [ATTR.TOOL_CALL_ID]: readText(readFields(toolCall).toolId),
        },
      }),
    },
  ],
};
