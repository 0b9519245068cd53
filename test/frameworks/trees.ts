/** What the applications of `fixtures` do, as their spans tell it: on the newest versions, and on older ones. */

/** An agent that looks up once: two calls of the model around its tool. */
export const agent = (name: string, feature = name): string[] => [
  `invoke_agent ${name} for ${feature}`,
  `  chat gpt-4o-mini for ${feature}`,
  `  execute_tool look_up for ${feature}`,
  `  chat gpt-4o-mini for ${feature}`,
];
export const inside = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

/** The same where nobody knows the agent's name. */
const NAMELESS_AGENT = ['invoke_agent', '  chat gpt-4o-mini', '  execute_tool look_up', '  chat gpt-4o-mini'];
const workflow = (name: string, feature: string): string[] => [
  `invoke_workflow ${name} for ${feature}`,
  `  chat gpt-4o-mini for ${feature}`,
];

const AI_SDK = [
  ...agent('support'),
  ...agent('support'),
  'invoke_agent support for support failed: aborted',
  '  chat gpt-4o-mini for support failed: aborted',
  'invoke_agent support for support failed: aborted',
  '  chat gpt-4o-mini for support failed: aborted',
  'invoke_agent support for support failed: APICallError',
  '  chat gpt-4o-mini for support failed: APICallError',
  ...NAMELESS_AGENT,
];

const EXECUTORS = [...agent('executor'), ...NAMELESS_AGENT];
const REACT_BROKEN_OFF = [
  'invoke_agent react for react failed: aborted',
  '  chat gpt-4o-mini for react',
  '  execute_tool look_up for react failed: aborted',
];
const CHAINS = [
  ...workflow('summary', 'summary'),
  ...workflow('summary', 'summary'),
  'chat gpt-4o-mini for greeting',
  'chat gpt-4o-mini',
  'retrieval',
  'retrieval manuals',
  '  embeddings text-embedding-3-small',
];
const GRAPHS = [...workflow('drafts', 'drafts'), ...workflow('drafts', 'nightly')];
const SERVED = [
  'invoke_workflow answers for answers',
  '  invoke_workflow for answers',
  '    chat gpt-4o-mini for answers',
];
const REFUSED = [
  'invoke_agent refused for refused failed: APIConnectionError',
  '  chat gpt-4o-mini for refused failed: APIConnectionError',
];

const OPENAI_AGENTS = [
  ...agent('support'),
  ...agent('support', 'tickets'),
  'invoke_agent triage for triage',
  '  chat gpt-4o-mini for triage',
  '  chat gpt-4o-mini for triage',
  ...agent('support'),
  'invoke_agent support for support failed: MaxTurnsExceededError',
  '  chat gpt-4o-mini for support',
  '  execute_tool look_up for support',
];

const ENGINE = ['invoke_workflow', '  retrieval manuals', '  chat gpt-4o-mini'];
const ENGINES = ['retrieval', ...ENGINE, ...ENGINE, ...ENGINE];
const LLAMAINDEX = [...agent('support'), ...agent('support'), ...ENGINES];

const MASTRA = [
  ...agent('support'),
  ...agent('support'),
  'invoke_workflow greetings for greetings',
  ...inside(agent('support', 'greetings')),
  'invoke_workflow greetings for greetings',
  ...inside(agent('support', 'greetings')),
  'invoke_workflow failing for failing failed: _OTHER',
];

type Trees = Readonly<Record<string, readonly string[]>>;

/** Application and its arguments → its spans. */
export const TREES: Trees = {
  'langchain.mjs': [
    ...agent('support'),
    ...agent('support'),
    ...EXECUTORS,
    ...agent('react'),
    ...REACT_BROKEN_OFF,
    ...GRAPHS,
    ...SERVED,
    ...CHAINS,
    ...REFUSED,
  ],
  'openai-agents.mjs': OPENAI_AGENTS,
  'llamaindex.mjs': LLAMAINDEX,
  'mastra.mjs': MASTRA,
  'ai-sdk-agent.mjs 4': AI_SDK,
  'ai-sdk-agent.mjs 5': AI_SDK,
  'ai-sdk-agent.mjs 6': AI_SDK,
  'ai-sdk-agent.mjs 7': AI_SDK,
};

/** The same for each set of versions in `versions`. */
export const OLDER_TREES: Readonly<Record<string, Trees>> = {
  oldest: {
    'langchain.mjs': [
      ...EXECUTORS,
      // Its graphs have no names yet.
      ...NAMELESS_AGENT,
      'invoke_workflow',
      '  chat gpt-4o-mini',
      ...workflow('nightly', 'nightly'),
      ...CHAINS,
      'invoke_agent failed: APIConnectionError',
      '  chat gpt-4o-mini failed: APIConnectionError',
    ],
    'openai-agents.mjs': OPENAI_AGENTS,
    // Its agents are a package of their own, which begins later.
    'llamaindex.mjs': ENGINES,
    'mastra.mjs': MASTRA,
    'ai-sdk-agent.mjs 4': AI_SDK,
  },
  middle: {
    'langchain.mjs': [
      ...agent('support'),
      ...agent('support'),
      ...EXECUTORS,
      ...agent('react'),
      ...GRAPHS,
      ...CHAINS,
      ...REFUSED,
    ],
    'openai-agents.mjs': OPENAI_AGENTS,
    'llamaindex.mjs': LLAMAINDEX,
    'mastra.mjs': MASTRA,
  },
};
