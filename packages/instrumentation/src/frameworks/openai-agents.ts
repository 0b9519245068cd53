import { ATTR, OPERATION } from '@costspan/semconv';
import type { Framework, Step, StepStart } from '../framework.js';
import { readFields, readText } from '../providers/fields.js';
import { openaiAgentsModule } from './modules.js';

/** The runner's name for a workflow that the application did not name. */
const UNNAMED_WORKFLOW = 'Agent workflow';

const startTool = (name: unknown): StepStart => ({
  operation: OPERATION.EXECUTE_TOOL,
  name: readText(name),
  attributes: { [ATTR.TOOL_TYPE]: 'function' },
});

/** Where no function runs every tool, each is observed as it is made; the options that the application holds stay. */
const makingTool: Step = {
  method: 'tool',
  below: '0.4.11',
  exchange([options, ...rest], observe) {
    if (typeof options !== 'object' || options === null) return [options, ...rest];
    const { name, execute } = readFields(options);
    const ownName = readText(name) ?? (typeof execute === 'function' ? execute.name : undefined);
    const observed = observe(execute, options, () => startTool(ownName));
    const get = (target: object, key: string | symbol): unknown =>
      key === 'execute' ? observed : Reflect.get(target, key);
    return [new Proxy(options, { get }), ...rest];
  },
};

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
    { method: 'withToolFunctionSpan', readStart: ([, toolName]) => startTool(toolName) },
    makingTool,
  ],
};
