import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { priceUsage } from '../src/index.ts';

const AT_MS = Date.parse('2026-11-01');
const require = createRequire(import.meta.url);

/** Models of the SDK's own types that have no price here, each with its reason. Priced ones may not be listed. */
const KNOWINGLY_UNPRICED: Readonly<Record<string, string>> = {
  'gpt-daybreak-blue-latest': 'access-controlled, no public price',
  'gpt-daybreak-red-latest': 'access-controlled, no public price',
  'gpt-5.6-cyber': 'access-controlled, no public price',
  'gpt-6-cyber': 'access-controlled, no public price',
  'gpt-rosalind-research': 'access-controlled, no public price',
  'gpt-6-rosalind': 'access-controlled, no public price',
  'claude-fable-5-2': 'announced in the types, no price published',
  'claude-mythos-5-2': 'announced in the types, no price published',
  'claude-mythos-preview': 'invitation only, no price published',
};

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
  'azure embed-english-v3.0': 'unknown_model',
  'bedrock /opt/ml/model': 'unknown_model',
  // Tools on top of other models, billed as those.
  'groq groq/compound': 'unknown_model',
  'mistral mistral-small-2506': 'unknown_model',
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
