import type { RateCard } from '../rate-card.js';

/**
 * Card name → its data, read when the first call of that provider is priced and not before.
 * `require` on purpose: it is synchronous, it caches, and a bundler sees each path.
 */
const LOADERS: Readonly<Record<string, () => RateCard>> = {
  ai21: () => require('./ai21.gen.json'),
  alibaba: () => require('./alibaba.gen.json'),
  anthropic: () => require('./anthropic.gen.json'),
  azure: () => require('./azure.gen.json'),
  baseten: () => require('./baseten.gen.json'),
  bedrock: () => require('./bedrock.gen.json'),
  cerebras: () => require('./cerebras.gen.json'),
  cloudflare: () => require('./cloudflare.gen.json'),
  cohere: () => require('./cohere.gen.json'),
  deepgram: () => require('./deepgram.gen.json'),
  deepinfra: () => require('./deepinfra.gen.json'),
  deepseek: () => require('./deepseek.gen.json'),
  elevenlabs: () => require('./elevenlabs.gen.json'),
  fireworks: () => require('./fireworks.gen.json'),
  google: () => require('./google.gen.json'),
  groq: () => require('./groq.gen.json'),
  minimax: () => require('./minimax.gen.json'),
  mistral: () => require('./mistral.gen.json'),
  moonshot: () => require('./moonshot.gen.json'),
  nebius: () => require('./nebius.gen.json'),
  novita: () => require('./novita.gen.json'),
  openai: () => require('./openai.gen.json'),
  openrouter: () => require('./openrouter.gen.json'),
  perplexity: () => require('./perplexity.gen.json'),
  together: () => require('./together.gen.json'),
  voyage: () => require('./voyage.gen.json'),
  x_ai: () => require('./x_ai.gen.json'),
  z_ai: () => require('./z_ai.gen.json'),
};

/**
 * `gen_ai.provider.name` → the cards to look in, in order: a cloud sells other makers' models at their list price. Who
 * has none sells nothing by the token.
 */
export const PROVIDER_CARDS: Readonly<Record<string, readonly string[]>> = {
  openai: ['openai'],
  alibaba: ['alibaba'],
  anthropic: ['anthropic'],
  'aws.bedrock': ['bedrock'],
  'azure.ai.openai': ['openai', 'azure', 'anthropic', 'deepseek', 'x_ai', 'moonshot'],
  'azure.ai.inference': ['openai', 'azure', 'anthropic', 'deepseek', 'x_ai', 'moonshot'],
  chatgpt: [],
  cohere: ['cohere'],
  deepseek: ['deepseek'],
  'gcp.gemini': ['google'],
  'gcp.vertex_ai': ['google', 'anthropic'],
  'gcp.gen_ai': ['google'],
  groq: ['groq'],
  mistral_ai: ['mistral'],
  moonshot_ai: ['moonshot'],
  perplexity: ['perplexity'],
  x_ai: ['x_ai'],
  openrouter: ['openrouter'],
  together: ['together'],
  fireworks: ['fireworks'],
  cerebras: ['cerebras'],
  z_ai: ['z_ai'],
  voyage: ['voyage'],
  ai21: ['ai21'],
  baseten: ['baseten'],
  cloudflare: ['cloudflare'],
  deepgram: ['deepgram'],
  deepinfra: ['deepinfra'],
  elevenlabs: ['elevenlabs'],
  minimax: ['minimax'],
  nebius: ['nebius'],
  novita: ['novita'],
};

/** Names of all cards of the table. */
export const CARD_NAMES: readonly string[] = Object.keys(LOADERS);

/** One card's data; undefined when there is no such card. */
export function loadCard(name: string): RateCard | undefined {
  return LOADERS[name]?.();
}
