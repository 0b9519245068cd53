import { ATTR, OPERATION } from '@costspan/semconv';
import type { Framework } from '../framework.js';
import { readFields, readText } from '../providers/fields.js';
import { openaiAgentsModule } from './modules.js';

/** The runner's name for a workflow that the application did not name. */
const UNNAMED_WORKFLOW = 'Agent workflow';

/** OpenAI Agents: a run is its first agent's, handoffs included. */
export const openaiAgents: Framework = {
  name: 'OpenAI Agents',
  module: openaiAgentsModule,
  steps: [
    {
      className: 'Runner',
      method: 'run',
      readStart: (args, instance) => {
        const workflow = readText(readFields(readFields(instance).config).workflowName);
        return {
          operation: OPERATION.INVOKE_AGENT,
          name: readText(readFields(args[0]).name),
          feature: workflow === UNNAMED_WORKFLOW ? undefined : workflow,
        };
      },
      // Of a streamed run; the SDK takes its rejection itself.
      readEnd: (returned) => readFields(returned).completed,
    },
    {
      method: 'withToolFunctionSpan',
      readStart: ([, toolName]) => ({
        operation: OPERATION.EXECUTE_TOOL,
        name: readText(toolName),
        attributes: { [ATTR.TOOL_TYPE]: 'function' },
      }),
    },
  ],
};
