/**
 * Every operation that the newest SDKs can post is recorded, or there is a reason why it need not be: a release that
 * brings another one fails here, so that nothing billed passes in silence.
 */
import { describe, expect, it } from 'vitest';
import { findWire } from '../../packages/instrumentation/dist/net/wire.js';
import { PROVIDERS } from '../../packages/instrumentation/dist/providers/index.js';
import {
  listCommands,
  listFernMethods,
  listGenaiMethods,
  listOllamaMethods,
  listPosts,
  listSpeakeasyMethods,
} from './operations.ts';

type Reasons = readonly (readonly [operations: RegExp, why: string])[];

interface Sdk {
  readonly package: string;
  readonly operations: readonly string[];
  /** One of them that must be among those found, or they are not found at all. */
  readonly known: string;
  /** At least as many are found, or the SDK says them in another way than it did. */
  readonly atLeast: number;
  readonly reasons: Reasons;
}

const KEPT = 'makes, changes or ends what is kept; no model runs';
const ADMINISTRATION = 'administration of an account';
const FILES = 'puts a file in place; what is done with it is another call';
const BY_THE_HOUR = 'rented by the hour, whoever calls: only the bill has it';

const STAINLESS: readonly Sdk[] = [
  {
    package: 'openai',
    operations: listPosts('openai-7'),
    known: '/chat/completions',
    atLeast: 150,
    reasons: [
      [/^\/(organization|projects)\//, ADMINISTRATION],
      [/^\/(files|uploads)(\/|$)/, FILES],
      [/^\/(realtime\/calls|live\/sessions)\/id\/(hangup|refer|reject)$/, KEPT],
      [/^\/agents(\/(id|automations.*|environments.*|sessions\/id))?$/, KEPT],
      [
        /^\/(assistants|chatkit\/sessions\/id|conversations|evals|skills|threads|vaults|webhook_endpoints)(\/|$)/,
        KEPT,
      ],
      [/^\/(audio\/voices|audio\/voice_consents|videos\/characters)(\/|$)/, KEPT],
      [/^\/chat\/completions\/id$/, KEPT],
      [/^\/(batches|responses|fine_tuning\/jobs)\/id\/(cancel|pause|resume)(\?|$)/, KEPT],
      [/^\/fine_tuning\/(checkpoints|alpha\/graders\/validate)/, KEPT],
      [/^\/containers(\/|$)/, 'counted where a response uses it'],
      [/^\/content_provenance_checks$/, 'free of charge'],
      // File search is billed as a tool of a response alone.
      [/^\/vector_stores\/id\/search$/, 'free of charge'],
      [
        /^\/vector_stores(?!\/id\/search)(\/|$)/,
        'billed by the day for as long as it is kept, which no answer says',
      ],
    ],
  },
  {
    package: '@anthropic-ai/sdk',
    operations: listPosts('anthropic-1'),
    known: '/v1/messages',
    atLeast: 100,
    reasons: [
      [/^\/v1\/(organizations|compliance|user_profiles|tunnels)(\/|$)/, ADMINISTRATION],
      [/^\/v1\/files$/, FILES],
      [/^\/v1\/(agents|deployments|environments|memory_stores|sessions|skills|vaults)(\/|$)/, KEPT],
      [/^\/v1\/(dreams|messages\/batches)\/id\/(archive|cancel)$/, KEPT],
    ],
  },
  {
    package: 'groq-sdk',
    operations: listPosts('groq-1'),
    known: '/openai/v1/chat/completions',
    atLeast: 8,
    reasons: [
      [/\/batches\/id\/cancel$/, KEPT],
      [/\/files$/, FILES],
    ],
  },
  {
    package: 'together-ai',
    operations: listPosts('together-0'),
    known: '/chat/completions',
    atLeast: 40,
    reasons: [
      [/^\/(compute|deployments|endpoints|projects)(\/|$)/, BY_THE_HOUR],
      [/^\/(batches|fine-tunes)\/id\/cancel$/, KEPT],
      [/^\/fine-tunes\/(estimate-price|preview)$/, 'free of charge'],
      [/^\/(models|queue\/cancel|queue\/clear)$/, KEPT],
    ],
  },
  {
    package: '@cerebras/cerebras_cloud_sdk',
    operations: listPosts('cerebras-1'),
    known: '/v1/chat/completions',
    atLeast: 2,
    reasons: [],
  },
  {
    package: '@perplexity-ai/perplexity_ai',
    operations: listPosts('perplexity-0', 'dist'),
    known: '/chat/completions',
    atLeast: 8,
    reasons: [[/^\/v1\/responses\/id\/cancel$/, KEPT]],
  },
  {
    package: 'sambanova',
    operations: listPosts('sambanova-1'),
    known: '/chat/completions',
    atLeast: 5,
    reasons: [],
  },
  {
    package: 'writer-sdk',
    operations: listPosts('writer-2'),
    known: '/v1/chat',
    atLeast: 17,
    reasons: [
      [/^\/v1\/files(\/retry)?$/, FILES],
      [/^\/v1\/graphs(\/id\/file)?$/, KEPT],
    ],
  },
];

const METHODS: readonly Sdk[] = [
  {
    package: 'ollama',
    operations: listOllamaMethods('ollama-0-6'),
    known: 'Ollama.processStreamableRequest',
    atLeast: 8,
    reasons: [
      [/^Ollama\.(copy|show)$/, KEPT],
      [/^Ollama\.web(Fetch|Search)$/, 'part of a plan of ollama.com; no call has a price'],
    ],
  },
  {
    package: 'voyageai',
    operations: listFernMethods('voyage-0-4', 'dist/cjs'),
    known: 'VoyageAIClient.embed',
    atLeast: 4,
    reasons: [],
  },
  {
    package: '@google/genai',
    operations: listGenaiMethods('genai-3'),
    known: 'Models.generateContentInternal',
    atLeast: 25,
    reasons: [
      [/^(ApiClient|Files|GeminiNextGenEnvironmentFiles|NodeUploader)\./, FILES],
      [/^(Batches|Tunings)\.cancel$/, KEPT],
      [/^FileSearchStores\.create$/, KEPT],
      [/^(Models\.computeTokens|Tunings\.validateReward)$/, 'free of charge'],
      [/^Operations\.fetchPredictVideosOperationInternal$/, 'inside getVideosOperation, which is recorded'],
    ],
  },
  {
    package: '@mistralai/mistralai',
    operations: listSpeakeasyMethods('mistral-2'),
    known: 'Chat.complete',
    atLeast: 70,
    reasons: [
      [/^(Files)\./, FILES],
      [
        /^(BetaAgents|Connectors|Datasets|Evaluations|Judges|Libraries|Prompts|Records|Skills|Voices)\./,
        KEPT,
      ],
      [/^(Logs|Spans|Traces)\./, 'reads what has been observed'],
      [/^(ServiceAccounts|Models|Jobs)\./, ADMINISTRATION],
      // What a workflow asks of a model it asks through a client of its own.
      [
        /^(Deployments|Executions|Schedules|Workflows)\./,
        'runs code of the application, whose calls are its own',
      ],
    ],
  },
  {
    package: '@openrouter/sdk',
    operations: listSpeakeasyMethods('openrouter-1'),
    known: 'Chat.send',
    atLeast: 35,
    reasons: [
      [/^(Files|Containers)\./, FILES],
      [/^Presets\./, 'makes a preset of a request; no model runs'],
      [/^Interns\.(create|provision|suspend)Intern$/, KEPT],
      [/^(Analytics|Generations)\./, 'tells of calls that have been made'],
      [/^(APIKeys|BYOK|Guardrails|OAuth|Observability|Scim|Vault|Workspaces)\./, ADMINISTRATION],
    ],
  },
  {
    package: 'cohere-ai',
    operations: listFernMethods('cohere-8', '.', 'api/resources'),
    known: 'V2Client.chat',
    atLeast: 20,
    reasons: [
      [/^(BatchesClient|EmbedJobsClient)\.cancel$/, KEPT],
      [/^(ConnectorsClient|DatasetsClient)\./, KEPT],
      [/^CohereClient\.(checkApiKey|detokenize|tokenize)$/, 'free of charge'],
    ],
  },
];

const ASKS = 'asks what there is';

const COMMANDS: readonly Sdk[] = [
  {
    package: '@aws-sdk/client-bedrock-runtime',
    operations: listCommands('bedrock-3'),
    known: 'ConverseCommand',
    atLeast: 11,
    reasons: [[/^ListAsyncInvokesCommand$/, 'tells of calls that have been made']],
  },
  {
    package: '@aws-sdk/client-bedrock-agent-runtime',
    operations: listCommands('bedrock-agent-runtime-3'),
    known: 'InvokeAgentCommand',
    atLeast: 35,
    reasons: [
      [/^(Get|List|Check)/, ASKS],
      [/^((Create|Delete|End|Stop|Tag|Untag|Update)|PutInvocationStep)/, KEPT],
    ],
  },
  {
    package: '@aws-sdk/client-bedrock-agent',
    operations: listCommands('bedrock-agent-3'),
    known: 'StartIngestionJobCommand',
    atLeast: 75,
    reasons: [
      [/^(Get|List)/, ASKS],
      [/^(Associate|Create|Delete|Disassociate|Prepare|Put|Stop|Tag|Untag|Update|ValidateFlow)/, KEPT],
    ],
  },
  {
    package: '@aws-sdk/client-bedrock',
    operations: listCommands('bedrock-control-3'),
    known: 'CreateModelInvocationJobCommand',
    atLeast: 100,
    reasons: [
      [/^(Get|List)/, ASKS],
      [/^(BatchDelete|Cancel|Delete|Deregister|Export|Put|Register|Stop|Tag|Untag|Update)/, KEPT],
      [
        /^Create(AutomatedReasoning|CustomModelCommand|FoundationModel|Guardrail|InferenceProfile|PromptRouter)/,
        KEPT,
      ],
      [/^CreateModel(Copy|Import)Job/, KEPT],
      [/^Create(CustomModelDeployment|MarketplaceModelEndpoint|ProvisionedModelThroughput)/, BY_THE_HOUR],
    ],
  },
];

const endpointsOf = (name: string) =>
  PROVIDERS.filter(({ module }) => module.package === name).flatMap((entry) => [...entry.load().endpoints]);

/** The command of a name, as a client is given one. */
const commandOf = (name: string): object => new ({ [name]: class {} })[name]!();

function isRecorded(sdk: Sdk, operation: string): boolean {
  return endpointsOf(sdk.package).some((endpoint) => {
    // What an SDK's methods share with another's paths has both.
    if (!('className' in endpoint))
      return 'path' in endpoint && endpoint.method === 'post' && endpoint.path.test(operation);
    if (COMMANDS.includes(sdk)) return endpoint.readSent([commandOf(operation)], {}) !== undefined;
    return `${endpoint.className}.${endpoint.method.replace(/^_+/, '')}` === operation;
  });
}

describe.each([...STAINLESS, ...METHODS, ...COMMANDS])('$package', (sdk) => {
  it('has its operations found', () => {
    expect(sdk.operations).toContain(sdk.known);
    expect(sdk.operations.length).toBeGreaterThanOrEqual(sdk.atLeast);
  });

  it('has each of them recorded, or one reason why not', () => {
    const answers = sdk.operations.map((operation) => {
      const why = sdk.reasons.filter(([operations]) => operations.test(operation));
      return [operation, isRecorded(sdk, operation) ? 'recorded' : why.length];
    });
    expect(answers.filter(([, answer]) => answer !== 'recorded' && answer !== 1)).toEqual([]);
  });

  it('has no reason that is none any more', () => {
    const open = sdk.operations.filter((operation) => !isRecorded(sdk, operation));
    const unused = sdk.reasons.filter(
      ([operations]) => !open.some((operation) => operations.test(operation)),
    );
    expect(unused.map(([operations]) => operations.source)).toEqual([]);
  });
});

/** Where each of them sends to, and how its paths are written there. */
const BASES: Readonly<Record<string, string>> = {
  openai: 'https://api.openai.com/v1',
  '@anthropic-ai/sdk': 'https://api.anthropic.com',
  'groq-sdk': 'https://api.groq.com',
  'together-ai': 'https://api.together.xyz/v1',
  '@cerebras/cerebras_cloud_sdk': 'https://api.cerebras.ai',
  '@perplexity-ai/perplexity_ai': 'https://api.perplexity.ai',
  sambanova: 'https://api.sambanova.ai/v1',
  'writer-sdk': 'https://api.writer.com',
};

describe.each(STAINLESS)('$package by hand', (sdk) => {
  it('has the same operations read by the same readers, and counts nothing that the SDK leaves alone', () => {
    const answers = sdk.operations.map((operation) => {
      const url = BASES[sdk.package] + operation.replace(/\?.*$/, '').replace(/\bid\b/g, 'id-1');
      const wire = findWire(url, 'POST', true);
      return [
        operation,
        isRecorded(sdk, operation)
          ? wire !== undefined && wire.readers.name !== 'unread'
          : wire === undefined,
      ];
    });
    expect(answers.filter(([, isSame]) => isSame === false)).toEqual([]);
  });
});
