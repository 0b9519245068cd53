// Models that are billed by images, seconds, characters or searches, for the overlay: what the base has no rows for.
// A variant is spelled as the response or request spells it: quality, then size (`hd 1024x1792`), or the resolution (`1080p`).
import type { OverlayModel, Patch, UsdPerUnit } from './overlay.mts';

const CHECKED = '2026-11-27';
const OPENAI_PRICING = 'https://platform.openai.com/docs/pricing';
const OPENAI_MODELS = 'https://developers.openai.com/api/docs/models/';
const GEMINI_PRICING = 'https://ai.google.dev/gemini-api/docs/pricing';

const perSecond = (usd: number): UsdPerUnit => ({ usd, per: 1_000 });
const perMinute = (usd: number): UsdPerUnit => ({ usd, per: 60_000 });
const perMillion = (usd: number): UsdPerUnit => ({ usd, per: 1_000_000 });

function units(
  id: string,
  rates: Readonly<Record<string, UsdPerUnit>>,
  more: { readonly source: string; readonly aliases?: readonly string[]; readonly estimated?: string },
): OverlayModel {
  const { source, aliases, estimated } = more;
  return {
    id,
    ...(aliases === undefined ? {} : { aliases }),
    rates: [{ usd: {}, units: rates, ...(estimated === undefined ? {} : { estimated }) }],
    source,
    checked: CHECKED,
  };
}

/** One price for `standard SIZE` and for `SIZE` alone, which is how models without qualities are asked. */
const bySize = (prices: Readonly<Record<string, number>>): Record<string, UsdPerUnit> =>
  Object.fromEntries(
    Object.entries(prices).flatMap(([size, usd]) => [
      [`output_image ${size}`, { usd }],
      [`output_image standard ${size}`, { usd }],
    ]),
  );

export const OPENAI_UNITS: readonly OverlayModel[] = [
  {
    // Free of charge: a price of 0 that the source states, not an unknown one.
    id: 'omni-moderation',
    aliases: ['omni-moderation-latest', 'text-moderation-latest', 'text-moderation-stable'],
    rates: [{ usd: { input: 0, output: 0 } }],
    source: OPENAI_PRICING,
    checked: CHECKED,
  },
  units('dall-e-2', bySize({ '256x256': 0.016, '512x512': 0.018, '1024x1024': 0.02 }), {
    source: OPENAI_PRICING,
  }),
  units(
    'dall-e-3',
    {
      ...bySize({ '1024x1024': 0.04, '1024x1792': 0.08, '1792x1024': 0.08 }),
      'output_image hd 1024x1024': { usd: 0.08 },
      'output_image hd 1024x1792': { usd: 0.12 },
      'output_image hd 1792x1024': { usd: 0.12 },
    },
    { source: OPENAI_PRICING },
  ),
  units('tts-1', { input_character: perMillion(15) }, { source: OPENAI_PRICING, aliases: ['tts-1-1106'] }),
  units(
    'tts-1-hd',
    { input_character: perMillion(30) },
    { source: OPENAI_PRICING, aliases: ['tts-1-hd-1106'] },
  ),
  // The time that inference is paused, over WebRTC alone, is cheaper; no answer says how much of it that was.
  units('gpt-live-1', { session_ms: perMinute(0.05) }, { source: `${OPENAI_MODELS}gpt-live-1` }),
  units('gpt-live-1.1', { session_ms: perMinute(0.05) }, { source: `${OPENAI_MODELS}gpt-live-1.1` }),
  units('sora-2', { output_video_ms: perSecond(0.1) }, { source: OPENAI_PRICING }),
  units(
    'sora-2-pro',
    {
      'output_video_ms 720x1280': perSecond(0.3),
      'output_video_ms 1280x720': perSecond(0.3),
      'output_video_ms 1024x1792': perSecond(0.5),
      'output_video_ms 1792x1024': perSecond(0.5),
    },
    { source: OPENAI_PRICING },
  ),
];

/** Training, by the tokens trained on. */
export const OPENAI_TRAINING: readonly Patch[] = (
  [
    ['gpt-4o', 25],
    ['gpt-4o-mini', 3],
    ['gpt-4.1', 25],
    ['gpt-4.1-mini', 5],
    ['gpt-4.1-nano', 1.5],
    ['gpt-3.5-turbo', 8],
  ] as const
).map(([id, usd]) => ({
  models: [id],
  units: { training_token: perMillion(usd) },
  source: OPENAI_PRICING,
  checked: CHECKED,
}));

export const GOOGLE_UNITS: readonly OverlayModel[] = [
  units('imagen-3.0-generate', { output_image: { usd: 0.04 } }, { source: GEMINI_PRICING }),
  units('imagen-3.0-fast-generate', { output_image: { usd: 0.02 } }, { source: GEMINI_PRICING }),
  units('imagen-4.0-generate', { output_image: { usd: 0.04 } }, { source: GEMINI_PRICING }),
  units('imagen-4.0-fast-generate', { output_image: { usd: 0.02 } }, { source: GEMINI_PRICING }),
  units('imagen-4.0-ultra-generate', { output_image: { usd: 0.06 } }, { source: GEMINI_PRICING }),
  units(
    'veo-2.0-generate',
    { output_video_ms: perSecond(0.5) },
    { source: GEMINI_PRICING, estimated: 'platform_rate_varies' },
  ),
  units('veo-3.0-generate', { output_video_ms: perSecond(0.4) }, { source: GEMINI_PRICING }),
  units(
    'veo-3.0-fast-generate',
    { output_video_ms: perSecond(0.1), 'output_video_ms 1080p': perSecond(0.12) },
    { source: GEMINI_PRICING },
  ),
  units(
    'veo-3.1-generate',
    { output_video_ms: perSecond(0.4), 'output_video_ms 4k': perSecond(0.6) },
    { source: GEMINI_PRICING },
  ),
  units(
    'veo-3.1-fast-generate',
    {
      output_video_ms: perSecond(0.1),
      'output_video_ms 1080p': perSecond(0.12),
      'output_video_ms 4k': perSecond(0.3),
    },
    { source: GEMINI_PRICING },
  ),
  units(
    'veo-3.1-lite-generate',
    { output_video_ms: perSecond(0.05), 'output_video_ms 1080p': perSecond(0.08) },
    { source: GEMINI_PRICING },
  ),
];

/** A million tokens kept for an hour. */
const storage = (models: readonly string[], usd: number): Patch => ({
  models,
  units: { stored_token_second: { usd, per: 1_000_000 * 3_600 } },
  source: GEMINI_PRICING,
  checked: '2026-11-28',
});

/** Explicit caches, by the time that they are kept. */
export const GOOGLE_STORAGE: readonly Patch[] = [
  storage(['gemini-2.5-pro', 'gemini-3-pro-preview', 'gemini-3.1-pro-preview'], 4.5),
  storage(['gemini-2.0-flash', 'gemini-2.5-flash', 'gemini-2.5-flash-lite', 'gemini-3-flash-preview'], 1),
];

const COHERE_PRICING = 'https://cohere.com/pricing';

export const COHERE_UNITS: readonly OverlayModel[] = [
  'rerank-v3.5',
  'rerank-english-v3.0',
  'rerank-multilingual-v3.0',
].map((id) => units(id, { search: { usd: 2, per: 1_000 } }, { source: COHERE_PRICING }));

export const BEDROCK_UNITS: readonly OverlayModel[] = [
  {
    // A guardrail by itself has no tokens: its units are priced like those of one before a model.
    id: 'amazon.guardrail',
    rates: [{ usd: { input: 0, output: 0 } }],
    source: 'https://aws.amazon.com/bedrock/pricing/',
    checked: CHECKED,
  },
  units(
    'amazon.nova-reel',
    { output_video_ms: perSecond(0.08) },
    { source: 'https://aws.amazon.com/bedrock/pricing/' },
  ),
  units(
    'amazon.rerank',
    { search: { usd: 1, per: 1_000 } },
    { source: 'https://aws.amazon.com/bedrock/pricing/' },
  ),
  units(
    'cohere.rerank-v3-5',
    { search: { usd: 2, per: 1_000 } },
    { source: 'https://aws.amazon.com/bedrock/pricing/' },
  ),
];
