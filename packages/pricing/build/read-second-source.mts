// Writes build/second-source.json: what another public source says our models cost. LiteLLM's file (MIT) is in its
// package on PyPI: `pip download litellm --no-deps`, unpack the wheel, then
// `node build/read-second-source.mts litellm/model_prices_and_context_window_backup.json VERSION DATE`.
import { readFileSync, writeFileSync } from 'node:fs';

type Entry = Readonly<Record<string, unknown>>;

/** LiteLLM's provider → our card, and what stands before the id in its keys. */
const CARDS: Readonly<Record<string, { readonly card: string; readonly prefix: string }>> = {
  openai: { card: 'openai', prefix: '' },
  'text-completion-openai': { card: 'openai', prefix: '' },
  anthropic: { card: 'anthropic', prefix: '' },
  gemini: { card: 'google', prefix: 'gemini/' },
  bedrock: { card: 'bedrock', prefix: '' },
  bedrock_converse: { card: 'bedrock', prefix: '' },
  groq: { card: 'groq', prefix: 'groq/' },
  mistral: { card: 'mistral', prefix: 'mistral/' },
  cohere: { card: 'cohere', prefix: '' },
  cohere_chat: { card: 'cohere', prefix: '' },
  deepseek: { card: 'deepseek', prefix: 'deepseek/' },
  xai: { card: 'x_ai', prefix: 'xai/' },
  moonshot: { card: 'moonshot', prefix: 'moonshot/' },
  perplexity: { card: 'perplexity', prefix: 'perplexity/' },
  fireworks_ai: { card: 'fireworks', prefix: 'fireworks_ai/' },
  together_ai: { card: 'together', prefix: 'together_ai/' },
  cerebras: { card: 'cerebras', prefix: 'cerebras/' },
  zai: { card: 'z_ai', prefix: 'zai/' },
  voyage: { card: 'voyage', prefix: 'voyage/' },
  azure_ai: { card: 'azure', prefix: 'azure_ai/' },
  dashscope: { card: 'alibaba', prefix: 'dashscope/' },
  ai21: { card: 'ai21', prefix: '' },
  baseten: { card: 'baseten', prefix: 'baseten/' },
  cloudflare: { card: 'cloudflare', prefix: 'cloudflare/' },
  deepgram: { card: 'deepgram', prefix: 'deepgram/' },
  deepinfra: { card: 'deepinfra', prefix: 'deepinfra/' },
  elevenlabs: { card: 'elevenlabs', prefix: 'elevenlabs/' },
  minimax: { card: 'minimax', prefix: 'minimax/' },
  nebius: { card: 'nebius', prefix: 'nebius/' },
  novita: { card: 'novita', prefix: 'novita/' },
};

/** Cards whose ids name the maker before a slash. */
const SELLS_OTHERS: readonly string[] = [
  'baseten',
  'cloudflare',
  'deepinfra',
  'fireworks',
  'groq',
  'nebius',
  'novita',
  'together',
];

/** Their rate, USD per token → ours, USD per million. */
const RATES: Readonly<Record<string, string>> = {
  input_cost_per_token: 'input',
  output_cost_per_token: 'output',
  cache_read_input_token_cost: 'cacheRead',
  cache_creation_input_token_cost: 'cacheWrite',
  cache_creation_input_token_cost_above_1hr: 'cacheWrite1h',
  cache_creation_input_token_cost_above_12hr: 'cacheWrite12h',
  input_cost_per_audio_token: 'inputAudio',
  output_cost_per_audio_token: 'outputAudio',
  input_cost_per_image_token: 'inputImage',
  output_cost_per_image_token: 'outputImage',
  cache_read_input_image_token_cost: 'cacheReadImage',
  cache_read_input_audio_token_cost: 'cacheReadAudio',
  input_cost_per_video_token: 'inputVideo',
  output_cost_per_video_token: 'outputVideo',
};
/** Cards whose tiers begin at their boundary; elsewhere they begin one token above. */
const FROM_BOUNDARY: readonly string[] = ['openai', 'x_ai'];

const usdPerMtok = (usd: number): number => Number((usd * 1e6).toFixed(6));

function readRates(entry: Entry, suffix: string): Record<string, number> {
  const rates: Record<string, number> = {};
  for (const [theirs, ours] of Object.entries(RATES)) {
    const usd = entry[`${theirs}${suffix}`];
    if (typeof usd === 'number') rates[ours] = usdPerMtok(usd);
  }
  return rates;
}

function readTiers(entry: Entry, card: string, base: Record<string, number>): object[] {
  const sizes = Object.keys(entry).flatMap(
    (key) => /^input_cost_per_token_above_(\d+)k_tokens$/.exec(key)?.[1] ?? [],
  );
  return sizes.map((size) => ({
    minInputTokens: Number(size) * 1_000 + (FROM_BOUNDARY.includes(card) ? 0 : 1),
    usd: { ...base, ...readRates(entry, `_above_${size}k_tokens`) },
  }));
}

interface Step {
  readonly range: readonly [number, number];
}

/** Alibaba states every size of context with rates of its own, the first included. */
function readSteps(entry: Entry): { usd: Record<string, number>; minInputTokens: number }[] {
  const steps = Array.isArray(entry.tiered_pricing) ? (entry.tiered_pricing as (Entry & Step)[]) : [];
  return steps.map((step) => ({ minInputTokens: step.range[0] + 1, usd: readRates(step, '') }));
}

interface UsdPerUnit {
  readonly usd: number;
  readonly per?: number;
}

function readUnits(entry: Entry, hasTokens: boolean): Record<string, UsdPerUnit> {
  const read = (name: string): number | undefined => {
    const usd = entry[name];
    return typeof usd === 'number' && usd > 0 ? usd : undefined;
  };
  const perSecond = (usd: number): UsdPerUnit => ({ usd: Number(usd.toFixed(12)), per: 1_000 });
  const units: Record<string, UsdPerUnit> = {};
  const { mode } = entry;
  const video = read('output_cost_per_second') ?? read('output_cost_per_video_per_second');
  if (mode === 'video_generation' && video !== undefined) units.output_video_ms = perSecond(video);
  const heard = read('input_cost_per_second');
  // Where tokens are billed, the price a second is a rough guide for people.
  if (mode === 'audio_transcription' && heard !== undefined && !hasTokens)
    units.input_audio_ms = perSecond(heard);
  const drawn = read('output_cost_per_image') ?? read('input_cost_per_image');
  if (mode === 'image_generation' && drawn !== undefined && !hasTokens) units.output_image = { usd: drawn };
  const spoken = read('input_cost_per_character');
  // Of Aura nobody has said that it speaks.
  if ((mode === 'audio_speech' || entry.litellm_provider === 'deepgram') && spoken !== undefined)
    units.input_character = { usd: usdPerMtok(spoken), per: 1_000_000 };
  const searched = read('input_cost_per_query');
  if (searched !== undefined) units.search = { usd: Number((searched * 1_000).toFixed(6)), per: 1_000 };
  const page = read('ocr_cost_per_page');
  if (page !== undefined && !hasTokens) units.input_page = { usd: page };
  const annotated = read('annotation_cost_per_page');
  if (annotated !== undefined && !hasTokens) units.input_annotated_page = { usd: annotated };
  return units;
}

const [file = '', version = '', date = ''] = process.argv.slice(2);
const entries: Readonly<Record<string, Entry>> = JSON.parse(readFileSync(file, 'utf8'));
const cards: Record<string, Record<string, object>> = {};
for (const [key, entry] of Object.entries(entries)) {
  const found = CARDS[String(entry.litellm_provider)];
  if (found === undefined || !key.startsWith(found.prefix)) continue;
  const { card, prefix } = found;
  const id = key.slice(prefix.length);
  // Keys with a region, a size or a number of steps before the id are no ids.
  if (!SELLS_OTHERS.includes(card) && id.includes('/')) continue;
  const [first, ...steps] = readSteps(entry);
  const usd = first?.usd ?? readRates(entry, '');
  const isFree = Object.values(usd).every((price) => price === 0);
  const units = readUnits(entry, !isFree);
  if (isFree && Object.keys(units).length === 0) continue;
  const tiers = first === undefined ? readTiers(entry, card, usd) : steps;
  cards[card] = {
    ...cards[card],
    [id]: {
      usd: isFree ? {} : usd,
      ...(tiers.length === 0 ? {} : { tiers }),
      ...(Object.keys(units).length === 0 ? {} : { units }),
    },
  };
}
const lines = Object.entries(cards).map(
  ([card, models]) =>
    `${JSON.stringify(card)}:{\n${Object.entries(models)
      .map(([id, rates]) => `${JSON.stringify(id)}:${JSON.stringify(rates)}`)
      .join(',\n')}\n}`,
);
const head = { source: `litellm@${version}`, date, license: 'MIT' };
const target = new URL('second-source.json', import.meta.url);
writeFileSync(target, `${JSON.stringify(head).slice(0, -1)},"cards":{\n${lines.join(',\n')}\n}}\n`);
console.log(
  Object.entries(cards)
    .map(([card, models]) => `${card} ${Object.keys(models).length}`)
    .join(', '),
);
