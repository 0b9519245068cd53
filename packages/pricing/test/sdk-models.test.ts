import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { describePrice, priceUsage } from '../src/index.ts';

const AT_MS = Date.parse('2026-11-27');
const require = createRequire(import.meta.url);

const CLOSED = 'access-controlled, no public price';
const ANNOUNCED = 'in the types, no price published';
const RETIRED = 'retired, the price is no longer published';
const BY_THE_PIECE = 'billed by a unit that the types do not report';
const NO_LIST = 'the provider lists no price for it';
const FREE = 'free to try there, no price';
const UNKNOWN_HERE = 'no source that is read here has a price for it';

/** Model ids of the SDKs' own types that have no price here, each with its reason. Priced ones may not be listed. */
const KNOWINGLY_UNPRICED: Readonly<Record<string, string>> = {
  'gpt-6.2-astra': ANNOUNCED,
  'gpt-6.2-astra-law': CLOSED,
  'gpt-6.2-sol': ANNOUNCED,
  'gpt-realtime-translate': UNKNOWN_HERE,
  'gemini-4-carbon': ANNOUNCED,
  'gemini-robotics-er-1.5-preview': UNKNOWN_HERE,
  'gemini-robotics-er-1.6-preview': NO_LIST,
  'gemma-3-12b-it': FREE,
  'gemma-3-1b-it': FREE,
  'gemma-3-27b-it': FREE,
  'gemma-3-4b-it': FREE,
  'gemma-3n-e2b-it': FREE,
  'gemma-3n-e4b-it': FREE,
  'gemma-4-26b-a4b-it': FREE,
  'gemma-4-31b-it': FREE,
  'image-segmentation-001': BY_THE_PIECE,
  'imagen-3.0-capability-001': BY_THE_PIECE,
  'imagen-4.0-upscale-preview': BY_THE_PIECE,
  'lyria-3-clip-preview': BY_THE_PIECE,
  'lyria-3-pro-preview': BY_THE_PIECE,
  'lyria-3.5': BY_THE_PIECE,
  'text-embedding-004': RETIRED,
  'virtual-try-on-001': BY_THE_PIECE,
  'compound-beta': 'tools on top of other models, billed as those',
  'compound-beta-mini': 'tools on top of other models, billed as those',
  'deepseek-r1-distill-qwen-32b': RETIRED,
  'labs-leanstral-1-5': UNKNOWN_HERE,
  'labs-leanstral-1-5-1': UNKNOWN_HERE,
  'voxtral-mini-transcribe-latest': UNKNOWN_HERE,
  'voxtral-small-transcribe-latest': UNKNOWN_HERE,
  'nomic-embed-text-v1_5': NO_LIST,
  'playai-tts': RETIRED,
  'playai-tts-arabic': RETIRED,
  'qwen-2.5-32b': RETIRED,
  'qwen-qwq-32b': RETIRED,
  'qwen/qwen3.6-27b': ANNOUNCED,
  'BAAI/bge-large-en-v1.5': RETIRED,
  'Meta-Llama/Llama-Guard-7b': RETIRED,
  'WhereIsAI/UAE-Large-V1': RETIRED,
  'black-forest-labs/FLUX.1-schnell': BY_THE_PIECE,
  'black-forest-labs/FLUX.1-schnell-Free': FREE,
  'black-forest-labs/FLUX.1.1-pro': BY_THE_PIECE,
  'canopylabs/orpheus-3b-0.1-ft': BY_THE_PIECE,
  'hexgrad/Kokoro-82M': BY_THE_PIECE,
  'meta-llama/Llama-2-70b-hf': RETIRED,
  'openai/whisper-large-v3': BY_THE_PIECE,
  'togethercomputer/m2-bert-80M-8k-retrieval': RETIRED,
  'command-a-vision-07-2025': NO_LIST,
  'command-light-nightly': NO_LIST,
  'command-r-03-2024': RETIRED,
  'command-r-plus-04-2024': RETIRED,
  'embed-english-light-v2.0': RETIRED,
  'embed-english-v2.0': RETIRED,
  'embed-multilingual-light-v3.0': NO_LIST,
  'embed-multilingual-v2.0': RETIRED,
  'amazon.titan-tg1-large': RETIRED,
  'anthropic.claude-v2': RETIRED,
  'cohere.command-r-plus-v1:0': NO_LIST,
  'cohere.command-r-v1:0': NO_LIST,
};

const read = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8');
const SDK_MODELS: readonly { provider: string; sdk: string; ids: readonly string[] }[] = JSON.parse(
  read('./sdk-models.json'),
);

test.each(SDK_MODELS.map(({ sdk, provider, ids }) => [sdk, provider, ids] as const))(
  'every model in the types of %s is priced or knowingly not',
  (_sdk, provider, ids) => {
    const reasons = ids.flatMap((model) => {
      const description = describePrice({ provider, model, atMs: AT_MS });
      return description.status === 'unpriced' ? [[model, description.reason]] : [];
    });
    const known = ids.filter((model) => Object.hasOwn(KNOWINGLY_UNPRICED, model));
    expect(reasons).toEqual(known.map((model) => [model, 'unknown_model']));
  },
);

test('no reason is kept for a model that no SDK names any more', () => {
  const named = new Set(SDK_MODELS.flatMap(({ ids }) => ids));
  expect(Object.keys(KNOWINGLY_UNPRICED).filter((model) => !named.has(model))).toEqual([]);
});

/** The string literals of one exported union of a declaration file. */
function readUnion(packageName: string, file: string, typeName: string): string[] {
  const entry = require.resolve(`${packageName}/${file}`);
  const text = readFileSync(entry.replace(/\.js$/, '.d.ts'), 'utf8');
  const union = new RegExp(`export type ${typeName} =([^;]+);`).exec(text)?.[1] ?? '';
  const literals = [...union.matchAll(/'([^']+)'/g)].map(([, literal = '']) => literal);
  if (literals.length === 0) throw new Error(`${packageName}: no literals in ${typeName}`);
  return literals;
}

function readReason(provider: string, model: string): string | undefined {
  const cost = priceUsage({ inputTokens: 1_000, outputTokens: 0 }, { provider, model, atMs: AT_MS });
  return cost.status === 'unpriced' ? cost.reason : undefined;
}

const UNIONS = [
  ['openai', 'openai', 'resources/shared.js', 'ChatModel'],
  ['openai', 'openai', 'resources/shared.js', 'ResponsesModel'],
  ['openai', 'openai', 'resources/embeddings.js', 'EmbeddingModel'],
  ['anthropic', '@anthropic-ai/sdk', 'resources/messages/messages.js', 'Model'],
] as const;

for (const [provider, packageName, file, typeName] of UNIONS) {
  test(`every ${typeName} of ${packageName} is priced or knowingly not`, () => {
    for (const model of readUnion(packageName, file, typeName)) {
      const isKnown = Object.hasOwn(KNOWINGLY_UNPRICED, model);
      expect(readReason(provider, model), model).toBe(isKnown ? 'unknown_model' : undefined);
    }
  });
}

/** `provider` of the recordings → ours. */
const RECORDED_PROVIDERS: Readonly<Record<string, string>> = {
  anthropic: 'anthropic',
  azure: 'azure.ai.openai',
  bedrock: 'aws.bedrock',
  'bedrock-mantle': 'aws.bedrock',
  cerebras: 'cerebras',
  deepseek: 'deepseek',
  google: 'gcp.gemini',
  'google-vertex': 'gcp.vertex_ai',
  groq: 'groq',
  mistral: 'mistral_ai',
  openai: 'openai',
  together: 'together',
  xai: 'x_ai',
};
/** Response models of the recordings without a price, with the reason that a span would carry. */
const RECORDED_UNPRICED: Readonly<Record<string, string>> = {
  'bedrock /opt/ml/model': 'unknown_model',
  // Tools on top of other models, billed as those.
  'groq groq/compound': 'unknown_model',
  // Asked here with tokens; it is billed by the page or the second.
  'mistral mistral-ocr-latest': 'no_rate_for_unit',
  'mistral voxtral-mini-latest': 'no_rate_for_unit',
  'bedrock anthropic.claude-instant-v1': 'unknown_model',
};

const recordings = fileURLToPath(new URL('../../../../shared/recordings/index.json', import.meta.url));
const hasRecordings = existsSync(recordings);
if (!hasRecordings)
  console.log('skipped: the models of the recordings; the shared recordings are not on this machine');

test.skipIf(!hasRecordings)('every model that a recorded response names is priced or knowingly not', () => {
  const index: Record<string, unknown> = JSON.parse(readFileSync(recordings, 'utf8'));
  const exchanges = Object.values(index).filter(Array.isArray).flat() as {
    provider?: string;
    model?: string;
  }[];
  const unpriced: Record<string, string> = {};
  let seen = 0;
  for (const { provider: recorded = '', model } of exchanges) {
    const provider = RECORDED_PROVIDERS[recorded];
    if (provider === undefined || typeof model !== 'string') continue;
    seen += 1;
    const reason = readReason(provider, model);
    if (reason !== undefined) unpriced[`${recorded} ${model}`] = reason;
  }
  expect(seen).toBeGreaterThan(80);
  expect(Object.keys(unpriced).filter((key) => RECORDED_UNPRICED[key] !== unpriced[key])).toEqual([]);
});
