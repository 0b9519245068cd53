import { ATTR, OPERATION } from '@costspan/semconv';
import type { Framework, Step, StepStart } from '../framework.js';
import { readFields, readInteger, readText } from '../providers/fields.js';
import { readDataSource } from './data-source.js';
import { langchainClassicModule, langchainModule, langchainOwnModule, langgraphModule } from './modules.js';

/** An interrupt, or a command to the graph above: it is thrown, and nothing has failed. */
const isSignal = (thrown: unknown): boolean => readFields(thrown).is_bubble_up === true;

const readRunName = (args: readonly unknown[]): string | undefined => readText(readFields(args[1]).runName);

/** A tool, however it was asked for: by an agent, by a node of a graph, or by the application itself. */
const tool: Step = {
  className: 'StructuredTool',
  method: 'call',
  readStart: (args, instance) => ({
    operation: OPERATION.EXECUTE_TOOL,
    name: readText(readFields(instance).name),
    attributes: {
      [ATTR.TOOL_TYPE]: 'function',
      [ATTR.TOOL_CALL_ID]: readText(readFields(readFields(args[1]).toolCall).id),
    },
  }),
};

const retriever: Step = {
  className: 'BaseRetriever',
  method: 'invoke',
  readStart: (_args, instance) => ({
    operation: OPERATION.RETRIEVAL,
    name: readDataSource(readFields(instance).vectorStore),
    attributes: { [ATTR.RETRIEVAL_TOP_K]: readInteger(readFields(instance).k) },
  }),
};

/** A chain is a workflow where the application gave the run a name; the nodes of a graph are chains with a name, too. */
const chain = (method: string): Step => ({
  className: 'RunnableSequence',
  method,
  readStart: (args) => {
    const name = readRunName(args);
    if (name === undefined) return undefined;
    return { operation: OPERATION.INVOKE_WORKFLOW, name, feature: name, isOutermost: true };
  },
});

/** A model alone has a span of its own already: only what its run is called is new. */
const model = (method: string): Step => ({
  className: 'BaseChatModel',
  method,
  readStart: (args) => {
    const feature = readRunName(args);
    return feature === undefined ? undefined : { feature, isOutermost: true };
  },
});

/** LangChain: tools, retrievers, chains and models. */
export const langchain: Framework = {
  name: 'LangChain',
  module: langchainModule,
  steps: [
    tool,
    retriever,
    chain('invoke'),
    chain('stream'),
    chain('batch'),
    model('invoke'),
    model('stream'),
  ],
  isSignal,
};

/** Agents as they were before graphs. They have no name but the one that the application gives a run. */
const executor = (method: string): Step => ({
  className: 'AgentExecutor',
  method,
  readStart: (args) => {
    const name = readRunName(args);
    return { operation: OPERATION.INVOKE_AGENT, name, feature: name };
  },
});
const executors = { name: 'LangChain executors', steps: [executor('invoke'), executor('stream')], isSignal };

/** LangChain's `AgentExecutor`: in the package of its own name up to 0.3, since then in one for what is older. */
export const langchainOwn: Framework = { ...executors, module: langchainOwnModule };
export const langchainClassic: Framework = { ...executors, module: langchainClassicModule };

/** What a graph is called that nobody gave a name. */
const UNNAMED_GRAPH = 'LangGraph';
/** The node that asks the model, in the graphs of `createReactAgent` and `createAgent`. */
const AGENT_NODES = ['agent', 'model_request'];

/** What LangGraph's server knows a graph by; the graphs inside are told it as well, with their place in the outer one. */
function readServedName(args: readonly unknown[]): string | undefined {
  const { graph_id: id, checkpoint_ns: place } = readFields(readFields(args[1]).configurable);
  return place === undefined || place === '' ? readText(id) : undefined;
}

const graph = (method: string): Step => ({
  className: 'Pregel',
  method,
  readStart: (args, instance): StepStart => {
    const { name: graphName, nodes } = readFields(instance);
    const own = readText(graphName);
    const runName = readRunName(args);
    const told = own === UNNAMED_GRAPH ? undefined : own;
    const name = told ?? runName ?? readServedName(args);
    const isAgent = AGENT_NODES.some((node) => Object.hasOwn(readFields(nodes), node));
    return {
      operation: isAgent ? OPERATION.INVOKE_AGENT : OPERATION.INVOKE_WORKFLOW,
      name,
      feature: runName,
    };
  },
});

/** LangGraph: a graph that asks a model in a node of LangChain's own agents is an agent, any other a workflow. */
export const langgraph: Framework = {
  name: 'LangGraph',
  module: langgraphModule,
  steps: [graph('invoke'), graph('stream')],
  isSignal,
};
