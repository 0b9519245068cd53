import { PROVIDER, type ProviderName } from '@costspan/semconv';
import type { ClientInfo } from '../provider.js';
import { BEDROCK_PATH, OLLAMA_PATH } from './model-paths.js';

/** Where a client really sends, as far as its base URL and class tell. */
export interface Host {
  readonly provider: ProviderName;
  readonly serverAddress: string | undefined;
  /** Set exactly when `serverAddress` is. */
  readonly serverPort: number | undefined;
  /** Data residency or cloud region that the host name states. */
  readonly region: string | undefined;
}

interface HostRule {
  /**
   * Matched against the beginning of `host[:port]/path`, lower case, where a name ends: `api.openai.com.example.org` is
   * somebody else's. A group named `region` is the rate's region.
   */
  readonly url: RegExp;
  readonly provider: ProviderName;
}

/** Cloudflare's AI Gateway names the provider in its path: `/v1/<account>/<gateway>/groq`. */
const CLOUDFLARE_PATHS: Readonly<Record<string, ProviderName>> = {
  openai: PROVIDER.OPENAI,
  anthropic: PROVIDER.ANTHROPIC,
  'azure-openai': PROVIDER.AZURE_AI_OPENAI,
  'aws-bedrock': PROVIDER.AWS_BEDROCK,
  'google-ai-studio': PROVIDER.GCP_GEMINI,
  'google-vertex-ai': PROVIDER.GCP_VERTEX_AI,
  cerebras: PROVIDER.CEREBRAS,
  cohere: PROVIDER.COHERE,
  deepseek: PROVIDER.DEEPSEEK,
  grok: PROVIDER.X_AI,
  groq: PROVIDER.GROQ,
  huggingface: PROVIDER.HUGGINGFACE,
  mistral: PROVIDER.MISTRAL_AI,
  openrouter: PROVIDER.OPENROUTER,
  'perplexity-ai': PROVIDER.PERPLEXITY,
  replicate: PROVIDER.REPLICATE,
};
const CLOUDFLARE_RULES: readonly HostRule[] = Object.entries(CLOUDFLARE_PATHS).map(([path, provider]) => ({
  url: new RegExp(`^gateway\\.ai\\.cloudflare\\.com/v1/[^/]+/[^/]+/${path}`),
  provider,
}));

/** Gateways to many providers that name none in their address: the form of the request tells whose API they speak. */
const GATEWAYS =
  /^(?:gateway\.ai\.cloudflare\.com|(?:ai-)?gateway\.helicone\.ai|api\.portkey\.ai|ai-gateway\.vercel\.sh|models\.github\.ai)$/;

/** First match wins. A new compatible host is one line here. */
const HOST_RULES: readonly HostRule[] = [
  { url: /^(?:(?<region>[a-z]{2})\.)?api\.openai\.com/, provider: PROVIDER.OPENAI },
  { url: /^chatgpt\.com(?::\d+)?\/backend-api\/codex/, provider: PROVIDER.CHATGPT },
  { url: /^(?:[\w-]+\.)?api\.anthropic\.com/, provider: PROVIDER.ANTHROPIC },
  { url: /^[\w-]+\.services\.ai\.azure\.com\/openai/, provider: PROVIDER.AZURE_AI_OPENAI },
  { url: /^[\w.-]+\.(?:services|inference|models)\.ai\.azure\.com/, provider: PROVIDER.AZURE_AI_INFERENCE },
  {
    url: /^[\w.-]+\.(?:openai|cognitiveservices)\.azure\.(?:com|us|cn)/,
    provider: PROVIDER.AZURE_AI_OPENAI,
  },
  // Azure's own gateway in front.
  { url: /^[\w-]+\.azure-api\.net\/(?:[\w.-]+\/)*openai/, provider: PROVIDER.AZURE_AI_OPENAI },
  { url: /^bedrock-mantle\.(?<region>[\w-]+)\.api\.aws/, provider: PROVIDER.AWS_BEDROCK },
  {
    url: /^bedrock(?:-agent)?(?:-runtime)?(?:-fips)?\.(?<region>[\w-]+)\.(?:amazonaws\.com(?:\.cn)?|api\.aws)/,
    provider: PROVIDER.AWS_BEDROCK,
  },
  // A private endpoint.
  {
    url: /^vpce-[\w-]+\.bedrock(?:-agent)?(?:-runtime)?\.(?<region>[\w-]+)\.vpce\.amazonaws\.com/,
    provider: PROVIDER.AWS_BEDROCK,
  },
  { url: /^generativelanguage\.googleapis\.com/, provider: PROVIDER.GCP_GEMINI },
  { url: /^(?<region>[\w-]+)-aiplatform\.googleapis\.com/, provider: PROVIDER.GCP_VERTEX_AI },
  { url: /^aiplatform\.(?:[\w-]+\.)*googleapis\.com/, provider: PROVIDER.GCP_VERTEX_AI },
  { url: /^(?:[\w-]+\.)?openrouter\.ai/, provider: PROVIDER.OPENROUTER },
  { url: /^api\.groq\.com/, provider: PROVIDER.GROQ },
  { url: /^api\.deepseek\.com/, provider: PROVIDER.DEEPSEEK },
  { url: /^(?:(?<region>[a-z]{2})-[\w-]+\.)?api\.x\.ai/, provider: PROVIDER.X_AI },
  { url: /^api\.together\.(?:xyz|ai)/, provider: PROVIDER.TOGETHER },
  { url: /^api\.fireworks\.ai/, provider: PROVIDER.FIREWORKS },
  { url: /^(?:api|codestral)\.mistral\.ai/, provider: PROVIDER.MISTRAL_AI },
  { url: /^api\.perplexity\.ai/, provider: PROVIDER.PERPLEXITY },
  { url: /^api\.cerebras\.ai/, provider: PROVIDER.CEREBRAS },
  { url: /^dashscope(?:-[a-z]+)?\.aliyuncs\.com/, provider: PROVIDER.ALIBABA },
  {
    url: /^(?:router\.huggingface\.co|[\w.-]+\.endpoints\.huggingface\.cloud)/,
    provider: PROVIDER.HUGGINGFACE,
  },
  { url: /^(?:api\.z\.ai|open\.bigmodel\.cn)/, provider: PROVIDER.Z_AI },
  { url: /^api\.moonshot\.(?:ai|cn)/, provider: PROVIDER.MOONSHOT_AI },
  { url: /^api\.cohere\.(?:ai|com)/, provider: PROVIDER.COHERE },
  { url: /^api\.sambanova\.ai/, provider: PROVIDER.SAMBANOVA },
  { url: /^api\.writer\.com/, provider: PROVIDER.WRITER },
  { url: /^api\.llama\.com/, provider: PROVIDER.META_LLAMA },
  { url: /^api\.voyageai\.com/, provider: PROVIDER.VOYAGE },
  { url: /^api\.replicate\.com/, provider: PROVIDER.REPLICATE },
  { url: /^api\.ai21\.com/, provider: PROVIDER.AI21 },
  { url: /^(?:api|streaming)(?:\.eu)?\.assemblyai\.com/, provider: PROVIDER.ASSEMBLYAI },
  { url: /^inference\.baseten\.co/, provider: PROVIDER.BASETEN },
  { url: /^api\.cloudflare\.com\/client\/v4\/accounts\/[^/]+\/ai/, provider: PROVIDER.CLOUDFLARE },
  {
    url: /^[\w.-]+\.(?:cloud\.databricks\.com|gcp\.databricks\.com|azuredatabricks\.net)/,
    provider: PROVIDER.DATABRICKS,
  },
  { url: /^api\.(?:[a-z]{2}\.)?deepgram\.com/, provider: PROVIDER.DEEPGRAM },
  { url: /^api\.deepinfra\.com/, provider: PROVIDER.DEEPINFRA },
  { url: /^api\.(?:[a-z]{2}\.(?:residency\.)?)?elevenlabs\.io/, provider: PROVIDER.ELEVENLABS },
  { url: /^(?:queue\.)?fal\.run/, provider: PROVIDER.FAL },
  { url: /^api\.hyperbolic\.xyz/, provider: PROVIDER.HYPERBOLIC },
  {
    url: /^(?:(?:private\.)?[a-z]+-[a-z]+\.ml\.cloud|[\w-]+\.aws\.wxai)\.ibm\.com/,
    provider: PROVIDER.IBM_WATSONX_AI,
  },
  // Its own paths, on whatever cluster.
  {
    url: /^(?:[\w.-]+|\[[\da-f:]+\])(?::\d+)?\/ml\/v1\/(?:deployments\/[^/]+\/)?text\/(?:(?:chat|generation)(?:_stream)?|embeddings|rerank)/,
    provider: PROVIDER.IBM_WATSONX_AI,
  },
  { url: /^api\.jina\.ai/, provider: PROVIDER.JINA },
  { url: /^api\.minimaxi?\.(?:io|com|chat)/, provider: PROVIDER.MINIMAX },
  { url: /^api\.(?:studio|tokenfactory)\.(?:[\w-]+\.)?nebius\.(?:ai|com)/, provider: PROVIDER.NEBIUS },
  { url: /^api\.novita\.ai/, provider: PROVIDER.NOVITA },
  { url: /^integrate\.api\.nvidia\.com/, provider: PROVIDER.NVIDIA },
  { url: /^[\w.-]+\.endpoints\.kepler\.ai\.cloud\.ovh\.net/, provider: PROVIDER.OVHCLOUD },
  { url: /^api\.siliconflow\.(?:com|cn)/, provider: PROVIDER.SILICONFLOW },
  { url: /^api\.upstage\.ai/, provider: PROVIDER.UPSTAGE },
  { url: /^ark\.[\w-]+\.(?:volces|bytepluses)\.com/, provider: PROVIDER.VOLCENGINE },
  { url: /^oai\.(?:helicone\.ai|hconeai\.com)/, provider: PROVIDER.OPENAI },
  { url: /^anthropic\.helicone\.ai/, provider: PROVIDER.ANTHROPIC },
  { url: /^groq\.helicone\.ai/, provider: PROVIDER.GROQ },
  { url: /^openrouter\.helicone\.ai/, provider: PROVIDER.OPENROUTER },
  ...CLOUDFLARE_RULES,
  // Its own port, on whatever machine.
  { url: /^(?:[\w.-]+|\[[\da-f:]+\]):11434/, provider: PROVIDER.OLLAMA },
  { url: /^(?:[\w-]+\.)?ollama\.com/, provider: PROVIDER.OLLAMA },
];

/** Client classes that name their provider whatever the URL is (a private endpoint, a gateway in front). */
const CLASS_PROVIDERS: Readonly<Record<string, ProviderName>> = {
  AzureOpenAI: PROVIDER.AZURE_AI_OPENAI,
  BedrockOpenAI: PROVIDER.AWS_BEDROCK,
  AnthropicBedrock: PROVIDER.AWS_BEDROCK,
  AnthropicBedrockMantle: PROVIDER.AWS_BEDROCK,
  AnthropicVertex: PROVIDER.GCP_VERTEX_AI,
  AnthropicFoundry: PROVIDER.AZURE_AI_INFERENCE,
};

interface ParsedUrl {
  readonly provider: ProviderName | undefined;
  readonly serverAddress: string | undefined;
  readonly serverPort: number | undefined;
  readonly region: string | undefined;
}

/** An application has a handful of base URLs; the limit only keeps one that makes them up from growing the map. */
const MAX_PARSED_URLS = 256;
const parsedUrls = new Map<string, ParsedUrl>();

/**
 * Provider and address of a client. A known host decides; else the client class; else it is the SDK's own provider,
 * because people put proxies, gateways and test servers in front of it.
 */
export function readHost(client: ClientInfo, sdkProvider: ProviderName): Host {
  const { provider, serverAddress, serverPort, region } = readUrl(client.baseUrl);
  return {
    provider: provider ?? readClassProvider(client.classNames) ?? sdkProvider,
    serverAddress,
    serverPort,
    region,
  };
}

/** Ends of paths that are a model's API, whoever serves it: a proxy (LiteLLM), a server of one's own (vLLM). */
const API_PATH = new RegExp(
  [
    '/(?:chat/completions|responses|v1/(?:completions|embeddings|messages|rerank))$',
    '/models/[^/:]+:(?:streamG|g)enerateContent$',
    OLLAMA_PATH.source,
    BEDROCK_PATH.source,
  ].join('|'),
);

/**
 * Whether a URL without its query leads to models: to a provider or a gateway in front of some, or, wherever it leads
 * (`elsewhere`), by the path of a model's API; then what is sent there has to say so as well.
 */
export function leadsToModels(url: string): 'known' | 'elsewhere' | undefined {
  const { provider, serverAddress = '' } = readUrl(url);
  if (provider !== undefined || GATEWAYS.test(serverAddress)) return 'known';
  return API_PATH.test(url) ? 'elsewhere' : undefined;
}

function readClassProvider(classNames: readonly string[]): ProviderName | undefined {
  for (const name of classNames) {
    if (Object.hasOwn(CLASS_PROVIDERS, name)) return CLASS_PROVIDERS[name];
  }
  return undefined;
}

function readUrl(baseUrl: string | undefined): ParsedUrl {
  const key = baseUrl ?? '';
  let parsed = parsedUrls.get(key);
  if (parsed === undefined) {
    parsed = parseUrl(key);
    if (parsedUrls.size >= MAX_PARSED_URLS) parsedUrls.clear();
    parsedUrls.set(key, parsed);
  }
  return parsed;
}

function parseUrl(baseUrl: string): ParsedUrl {
  if (!URL.canParse(baseUrl)) {
    return { provider: undefined, serverAddress: undefined, serverPort: undefined, region: undefined };
  }
  const url = new URL(baseUrl);
  const target = `${url.host}${url.pathname}`.toLowerCase();
  let provider: ProviderName | undefined;
  let region: string | undefined;
  for (const rule of HOST_RULES) {
    const match = rule.url.exec(target);
    if (match !== null && !/[\w.-]/.test(target.charAt(match[0].length))) {
      provider = rule.provider;
      region = match.groups?.region;
      break;
    }
  }
  const defaultPort = url.protocol === 'http:' ? 80 : 443;
  return {
    provider,
    // An IPv6 literal keeps its brackets in a URL only; the attribute is the bare address.
    serverAddress: url.hostname.replace(/^\[(.*)\]$/, '$1') || undefined,
    serverPort: url.hostname === '' ? undefined : url.port === '' ? defaultPort : Number(url.port),
    region,
  };
}
