import { ATTR, OPERATION } from '@costspan/semconv';
import type { Framework, Step } from '../framework.js';
import { readFields, readText } from '../providers/fields.js';
import { mastraModule } from './modules.js';

const agent = (method: string): Step => ({
  className: 'Agent',
  method,
  readStart: (_args, instance) => {
    const isStream = method.startsWith('stream');
    return { operation: OPERATION.INVOKE_AGENT, name: readText(readFields(instance).name), isStream };
  },
});

/** An agent works through these; the last of its loop's runs is the end of what it streams. */
const OWN_WORKFLOWS = ['execution-workflow', 'agentic-loop', 'executionWorkflow'];

/** Where `start`, `startAsync` and `stream` meet: `_start`, before it was there `start`. */
const workflow = (method: string): Step => ({
  className: 'Run',
  method,
  readStart: (_args, instance) => {
    const name = readText(readFields(instance).workflowId);
    if (OWN_WORKFLOWS.includes(name ?? '')) return { isPart: true };
    return { operation: OPERATION.INVOKE_WORKFLOW, name };
  },
  readError: (value) => {
    const { status, error } = readFields(value);
    return status === 'failed' ? (error instanceof Error ? error : status) : undefined;
  },
});

/** Mastra: agents, workflows and tools. */
export const mastra: Framework = {
  name: 'Mastra',
  module: mastraModule,
  steps: [
    agent('generate'),
    agent('stream'),
    agent('generateVNext'),
    agent('streamVNext'),
    agent('generateLegacy'),
    agent('streamLegacy'),
    workflow('_start'),
    workflow('start'),
    {
      className: 'CoreToolBuilder',
      method: 'createExecute',
      isMaker: true,
      readStart: ([, execution], _instance, [, options]) => ({
        operation: OPERATION.EXECUTE_TOOL,
        name: readText(readFields(options).name),
        attributes: {
          [ATTR.TOOL_TYPE]: 'function',
          [ATTR.TOOL_CALL_ID]: readText(readFields(execution).toolCallId),
        },
      }),
    },
  ],
};
