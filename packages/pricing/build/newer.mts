// Rates that have changed, and models that have come, since the base was published: for the overlay. The base's own
// source says them in a newer version, which is on PyPI alone, and names the page that it has read.
import type { OverlayModel, UsdPerMtok } from './overlay.mts';

const CHECKED = '2026-11-29';
const onPage = (page: string): { readonly source: string; readonly checked: string } => ({
  source: `${page}, by genai-prices 0.2.3`,
  checked: CHECKED,
});
const DEEPSEEK = onPage('https://api-docs.deepseek.com/quick_start/pricing');
const Z_AI = onPage('https://docs.z.ai/guides/overview/pricing');
const CLAUDE = onPage('https://platform.claude.com/docs/en/about-claude/pricing');
const GEMINI = onPage('https://ai.google.dev/gemini-api/docs/pricing');
const MISTRAL = onPage('https://mistral.ai/pricing/api');
const AZURE = onPage('https://azure.microsoft.com/en-us/pricing/details/cognitive-services/openai-service/');
const BEDROCK = onPage('https://aws.amazon.com/bedrock/pricing/');

const multiply = (usd: UsdPerMtok, by: number): UsdPerMtok =>
  Object.fromEntries(Object.entries(usd).map(([unit, price]) => [unit, Number((price * by).toFixed(6))]));

/** Off-peak rates are half of the peak rates, 9 to 12 and 14 to 18 in Beijing, whose days are those of UTC then. */
function peaks(from: string, usd: UsdPerMtok, only: object = {}): OverlayModel['rates'] {
  const windows = [
    [60, 240],
    [360, 600],
  ] as const;
  return [{ from, usd }, ...windows.map((dailyUtc) => ({ from, dailyUtc, usd: multiply(usd, 2), ...only }))];
}
const WEEKDAYS = { weekdaysUtc: [1, 2, 3, 4, 5] };
/** China's public holidays are off-peak all day; which days they are is announced year by year. */
const WEEKDAYS_BUT_HOLIDAYS = { ...WEEKDAYS, estimated: 'public_holidays_unknown' };

const V4_FLASH = { input: 0.22, cacheRead: 0.007, output: 0.66 };
const V4_1_FLASH = { input: 0.15, cacheRead: 0.003, output: 0.6 };
const V4_PRO = { input: 0.66, cacheRead: 0.022, output: 1.98 };

export const DEEPSEEK_NEWER: readonly OverlayModel[] = [
  {
    // Retired on 2026-09-10: its names are served by V4.1 Flash since, at that model's price.
    id: 'deepseek-v4-flash',
    aliases: ['deepseek-v4-flash-vision-exp'],
    rates: [
      { usd: { input: 0.14, cacheRead: 0.0028, output: 0.28 } },
      ...peaks('2026-08-17', V4_FLASH),
      ...peaks('2026-08-23', V4_FLASH, WEEKDAYS),
      ...peaks('2026-09-10', V4_1_FLASH, WEEKDAYS_BUT_HOLIDAYS),
    ],
    ...DEEPSEEK,
  },
  {
    id: 'deepseek-flash',
    rates: peaks('2026-09-10', V4_1_FLASH, WEEKDAYS_BUT_HOLIDAYS),
    ...DEEPSEEK,
  },
  {
    id: 'deepseek-v4-pro',
    rates: [
      { usd: { input: 0.435, cacheRead: 0.003625, output: 0.87 } },
      ...peaks('2026-08-17', V4_PRO),
      ...peaks('2026-08-23', V4_PRO, WEEKDAYS),
      ...peaks('2026-09-10', V4_PRO, WEEKDAYS_BUT_HOLIDAYS),
    ],
    ...DEEPSEEK,
  },
];

const glm = (id: string, [input, cacheRead, output]: readonly number[]): OverlayModel => ({
  id,
  rates: [{ usd: { input: input!, ...(cacheRead! > 0 ? { cacheRead: cacheRead! } : {}), output: output! } }],
  ...Z_AI,
});

export const Z_AI_NEWER: readonly OverlayModel[] = [
  {
    id: 'GLM-5.3-Flash',
    aliases: ['glm-5.3-flash'],
    rates: [
      { usd: { input: 0.075, cacheRead: 0.015, output: 0.25 } },
      { from: '2026-09-10', usd: { input: 0.15, cacheRead: 0.03, output: 0.5 } },
    ],
    ...Z_AI,
  },
  glm('glm-4-32b-0414-128k', [0.1, 0, 0.1]),
  glm('glm-4.5', [0.6, 0.11, 2.2]),
  glm('glm-4.5-air', [0.2, 0.03, 1.1]),
  glm('glm-4.5-airx', [1.1, 0.22, 4.5]),
  glm('glm-4.5-x', [2.2, 0.45, 8.9]),
  glm('glm-4.5v', [0.6, 0.11, 1.8]),
  glm('glm-4.6', [0.6, 0.11, 2.2]),
  glm('glm-4.6v', [0.3, 0.05, 0.9]),
  glm('glm-4.6v-flashx', [0.04, 0.004, 0.4]),
  glm('glm-4.7', [0.6, 0.11, 2.2]),
  glm('glm-4.7-flashx', [0.07, 0.01, 0.4]),
  glm('glm-5', [1, 0.2, 3.2]),
  glm('glm-5.1', [1.4, 0.26, 4.4]),
  glm('glm-5.3-flashx', [0.37, 0.075, 1.25]),
  glm('glm-ocr', [0.03, 0, 0.03]),
];

const FABLE_5_2 = { input: 8, cacheRead: 0.2, cacheWrite: 10, cacheWrite1h: 16, output: 40 };
const FABLES = ['claude-fable-5-2', 'claude-mythos-5-2'] as const;

export const ANTHROPIC_NEWER: readonly OverlayModel[] = FABLES.map((id) => ({
  id,
  rates: [{ usd: FABLE_5_2 }],
  ...CLAUDE,
}));

/** A plain id is what its geographic profile costs, a tenth more than the global one. */
export const BEDROCK_NEWER: readonly OverlayModel[] = FABLES.flatMap((id) => [
  { id: `anthropic.${id}`, rates: [{ usd: multiply(FABLE_5_2, 1.1) }], ...BEDROCK },
  { id: `global.anthropic.${id}`, rates: [{ usd: FABLE_5_2 }], ...BEDROCK },
]);

/** Introductory rates, which double on a day that has been announced. */
const doubling = (id: string, day: string, usd: UsdPerMtok): OverlayModel => ({
  id,
  rates: [{ usd }, { from: day, usd: multiply(usd, 2) }],
  ...GEMINI,
});

export const GOOGLE_NEWER: readonly OverlayModel[] = [
  doubling('gemini-4-argon', '2026-12-01', { input: 2, cacheRead: 0.1, output: 10 }),
  // What it names now is gemini-3.8-flash.
  doubling('gemini-flash-latest', '2027-01-01', { input: 0.75, cacheRead: 0.075, output: 3.75 }),
  doubling('gemini-3.8-flash-tts', '2027-01-01', { input: 0.5, outputAudio: 9, output: 9 }),
  doubling('gemini-3.8-flash-lite-tts', '2027-01-01', { input: 0.5, outputAudio: 6, output: 6 }),
  doubling('gemini-robotics-er-2-preview', '2027-01-01', { input: 1, cacheRead: 0.1, output: 5 }),
  doubling('gemini-robotics-er-2-streaming-preview', '2027-01-01', { input: 1, output: 5 }),
];

export const MISTRAL_NEWER: readonly OverlayModel[] = [
  {
    id: 'mistral-large-4',
    aliases: ['mistral-large-4-0'],
    rates: [
      { usd: { input: 0.68, cacheRead: 0.07, output: 2.09 } },
      { from: '2026-10-20', usd: { input: 1.36, cacheRead: 0.14, output: 4.18 } },
      { from: '2026-10-29', usd: { input: 0.7, cacheRead: 0.07, output: 2.1 } },
    ],
    ...MISTRAL,
  },
  {
    id: 'mistral-small-3.2-24b-instruct',
    aliases: ['mistral-small-2506'],
    rates: [{ usd: { input: 0.1, output: 0.3 } }],
    ...MISTRAL,
  },
  {
    id: 'mixtral-8x22b-instruct',
    aliases: ['open-mixtral-8x22b'],
    rates: [{ usd: { input: 2, output: 6 } }],
    ...MISTRAL,
  },
];

const phi = (id: string, input: number, output: number, more: UsdPerMtok = {}): OverlayModel => ({
  id: id.toLowerCase(),
  aliases: [id],
  rates: [{ usd: { input, output, ...more } }],
  ...AZURE,
});

export const AZURE_NEWER: readonly OverlayModel[] = [
  phi('Phi-3-medium-128k-instruct', 0.17, 0.68),
  phi('Phi-3-mini-128k-instruct', 0.13, 0.52),
  phi('Phi-3.5-mini-128k-instruct', 0.13, 0.52),
  phi('Phi-4', 0.125, 0.5),
  phi('Phi-4-mini-instruct', 0.075, 0.3),
  phi('Phi-4-multimodal-instruct', 0.08, 0.32, { inputAudio: 4 }),
  phi('Phi-4-reasoning-plus', 0.125, 0.5),
  {
    // It answers by the name that Cohere has for it.
    id: 'Cohere-embed-v3-english',
    aliases: ['embed-english-v3.0'],
    rates: [{ usd: { input: 0.1 }, estimated: 'single_source' }],
    source: 'LiteLLM 1.110.2, azure_ai/Cohere-embed-v3-english',
    checked: CHECKED,
  },
];

export const COHERE_NEWER: readonly OverlayModel[] = [
  {
    id: 'command-a-reasoning-08-2025',
    rates: [{ usd: { input: 2.5, output: 10 }, estimated: 'single_source' }],
    source: 'https://opencode.ai/data/cohere/command-a-reasoning-08-2025',
    checked: CHECKED,
  },
];

const FIREWORKS = onPage('https://fireworks.ai/pricing');

export const FIREWORKS_NEWER: readonly OverlayModel[] = [
  {
    id: 'gpt-oss-120b',
    aliases: ['accounts/fireworks/models/gpt-oss-120b'],
    rates: [{ usd: { input: 0.15, cacheRead: 0.015, output: 0.6 } }],
    ...FIREWORKS,
  },
  {
    id: 'kimi-k3-us',
    aliases: ['accounts/fireworks/routers/kimi-k3-us'],
    rates: [{ usd: { input: 4.5, cacheRead: 0.45, output: 22.5 } }],
    ...FIREWORKS,
  },
];
