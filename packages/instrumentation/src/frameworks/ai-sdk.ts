import { ATTR, OPERATION } from '@costspan/semconv';
import type { Framework, ObserveFunction, Step, StepStart } from '../framework.js';
import { type Fields, readFields, readText } from '../providers/fields.js';
import { aiModule } from './modules.js';

/** A generation with tools, or with a name, is an agent; without either it is one call of a model. */
function readGeneration(
  options: Fields,
  { functionId, method }: { functionId: unknown; method: string },
): StepStart | undefined {
  const name = readText(functionId);
  const hasTools = Object.keys(readFields(options.tools)).length > 0;
  if (name === undefined && !hasTools) return undefined;
  return { operation: OPERATION.INVOKE_AGENT, name, feature: name, isStream: method.startsWith('stream') };
}

const startTool = (toolName: unknown, toolCallId: unknown): StepStart => ({
  operation: OPERATION.EXECUTE_TOOL,
  name: readText(toolName),
  attributes: { [ATTR.TOOL_TYPE]: 'function', [ATTR.TOOL_CALL_ID]: readText(toolCallId) },
});

/**
 * The options with their tools observed. Proxies, because the SDK reads, spreads and binds tools in ways of its own;
 * what the application holds is not touched, and its functions see themselves as they would.
 */
function exchangeTools([options, ...rest]: readonly unknown[], observe: ObserveFunction): readonly unknown[] {
  const { tools } = readFields(options);
  if (typeof tools !== 'object' || tools === null) return [options, ...rest];
  const observeTool = (tool: object, toolName: string): object => {
    const { execute } = readFields(tool);
    const observed = observe(execute, tool, ([, execution]) =>
      startTool(toolName, readFields(execution).toolCallId),
    );
    return new Proxy(tool, {
      get: (target, key) => (key === 'execute' ? observed : (Reflect.get(target, key) as unknown)),
    });
  };
  const observed = Object.entries(tools).map(([toolName, tool]): [string, unknown] => [
    toolName,
    typeof tool === 'object' && tool !== null ? observeTool(tool, toolName) : tool,
  ]);
  return [{ ...readFields(options), tools: Object.fromEntries(observed) }, ...rest];
}

const readFunctionId = (options: Fields): unknown => readFields(options.experimental_telemetry).functionId;

const generation = (method: string): Step => ({
  method,
  readStart: ([options]) =>
    readGeneration(readFields(options), { functionId: readFunctionId(readFields(options)), method }),
  exchange: exchangeTools,
  // Of a stream: it settles when all of it has come, and a rejection of it that nobody asked for is none.
  readEnd: (returned) => {
    const { finishReasonPromise, _finishReason, usagePromise, _usage } = readFields(returned);
    const promised = readFields(finishReasonPromise ?? _finishReason ?? usagePromise ?? _usage);
    return promised.promise ?? promised.value;
  },
});

const embedding = (method: string): Step => ({
  method,
  readStart: ([options]) => ({ feature: readText(readFunctionId(readFields(options))) }),
});

/** The AI SDK: what its functions are called for (`functionId`), and the tools that they run. */
export const aiSdk: Framework = {
  name: 'AI SDK',
  module: aiModule,
  steps: [
    ...['generateText', 'streamText', 'generateObject', 'streamObject'].map(generation),
    ...['embed', 'embedMany'].map(embedding),
  ],
  channel: {
    name: 'ai:telemetry',
    from: '7.0.0',
    readStart: (message) => {
      const { type, event } = readFields(message);
      const fields = readFields(event);
      if (type === 'executeTool') {
        const { toolName, toolCallId } = readFields(fields.toolCall);
        return startTool(toolName, toolCallId);
      }
      const feature = readText(fields.functionId);
      if (type === 'generateText' || type === 'streamText')
        return readGeneration(fields, { functionId: feature, method: type }) ?? { feature };
      return { feature };
    },
  },
};
