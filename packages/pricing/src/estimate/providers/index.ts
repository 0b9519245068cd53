import type { CountingEndpoint, TokenFamily } from '../family.js';
import { claude, claudeCounting } from './anthropic.js';
import { gemini, geminiCounting } from './google.js';
import { openaiCounting, openaiFamilies } from './openai.js';

/** Of every other maker: the nearest encoding, and a wide margin. */
const OTHER: TokenFamily = {
  providers: [],
  encoding: 'o200k_base',
  factor: 1.1,
  errorRatio: 0.5,
  errorTokens: 40,
  perMessage: 4,
  base: 4,
  firstTool: 120,
  toolFactor: 1,
  toolErrorTokens: 160,
  countImage: () => ({ tokens: 1_000, most: 5_000, isExact: false }),
};

const FAMILIES: readonly TokenFamily[] = [...openaiFamilies, claude, gemini];

/** How the models of this name count. A router writes the maker before the id: `openai/gpt-5`. */
export function findFamily(provider: string, model: string): TokenFamily {
  const name = model.slice(model.lastIndexOf('/') + 1);
  const maker = model.includes('/') ? model.slice(0, model.indexOf('/')) : undefined;
  return (
    FAMILIES.find(
      ({ providers, models }) =>
        (providers.includes(provider) || (maker !== undefined && providers.includes(maker))) &&
        (models === undefined || models.test(name)),
    ) ?? OTHER
  );
}

/** Providers that count for their users. */
export const COUNTING_ENDPOINTS: readonly CountingEndpoint[] = [
  openaiCounting,
  claudeCounting,
  geminiCounting,
];
