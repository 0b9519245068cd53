// The hand-kept part of the price table. To add a price: add an entry with its source and today's date, then
// `npm run generate`. What no source states stays out: an unpriced call is a metric, a guessed one is a wrong bill.
import type { Fraction, ModeRates } from '../dist/rate-card.js';
import {
  ANTHROPIC_NEWER,
  AZURE_NEWER,
  BEDROCK_NEWER,
  COHERE_NEWER,
  DEEPSEEK_NEWER,
  FIREWORKS_NEWER,
  GOOGLE_NEWER,
  MISTRAL_NEWER,
  Z_AI_NEWER,
} from './newer.mts';
import type { Overlay } from './overlay.mts';
import {
  BEDROCK_UNITS,
  COHERE_UNITS,
  GOOGLE_STORAGE,
  GOOGLE_UNITS,
  OPENAI_TRAINING,
  OPENAI_UNITS,
} from './units.mts';

const HALF: Fraction = [1, 2];
const SAME: Fraction = [1, 1];
const DOUBLE: Fraction = [2, 1];
const PLUS_TENTH: Fraction = [11, 10];
const CHECKED = '2026-11-22';

const OPENAI_PRICING = 'https://platform.openai.com/docs/pricing';
const OPENAI_PRIORITY = 'https://openai.com/api-priority-processing/';
const CLAUDE_PRICING = 'https://platform.claude.com/docs/en/about-claude/pricing';
const GEMINI_PRICING = 'https://ai.google.dev/gemini-api/docs/pricing';
const BEDROCK_PRICING = 'https://aws.amazon.com/bedrock/pricing/';

/** `claude-x-20250929`, `gpt-x-2025-08-07`, `claude-x@20250929`. */
const DATE_SUFFIX = '[-@](?:\\d{8}|\\d{4}-\\d{2}-\\d{2})$';

const usdPerThousand = (usd: number): number => usd * 1e9;

/** `priority` and `fast` are two names of one tier since 2026-07-30; before GPT-5.6 there is no long-context price in it. */
const openaiPriority = (by: Fraction): ModeRates => ({
  priority: { by, longContext: 'none' },
  fast: { by, longContext: 'none' },
});
const OPENAI_FAST: ModeRates = { priority: { by: DOUBLE }, fast: { by: DOUBLE } };

const openai: Overlay = {
  base: 'openai',
  second: { fill: true },
  // The open-weight models are not sold by OpenAI; the base lists what others ask for them.
  drop: ['gpt-oss-120b', 'gpt-oss-20b', 'gpt-oss-safeguard-20b'],
  settings: {
    ids: {
      // `ft:gpt-4o-mini-2024-07-18:org:name:id` is billed as `ft:gpt-4o-mini`.
      routes: ['^(ft:[^:]+):'],
      // The second form is how completion models name their build: `gpt-3.5-turbo-instruct:20230824-v2`.
      suffixes: [DATE_SUFFIX, ':\\d{8}-v\\d+$'],
    },
    cacheWriteTtl: '30m',
    estimatedTtls: { '12h': 'single_source' },
    // Before GPT-5.6 a write costs what plain input costs.
    cacheWriteAsInput: true,
    modes: { batch: { by: HALF }, flex: { by: HALF } },
    pricedRegions: ['us', 'eu', 'au', 'ca', 'jp', 'in', 'sg', 'kr', 'gb', 'ae'],
    neutralRegions: ['global'],
    // A code interpreter is billed by the container, whose smallest size is the default.
    tools: {
      web_search: usdPerThousand(10),
      // Of models that do not reason; what it found is free.
      web_search_preview: usdPerThousand(25),
      file_search: usdPerThousand(2.5),
      code_interpreter: usdPerThousand(30),
    },
  },
  models: [
    ...OPENAI_UNITS,
    // They answer by the name of their build, which is not one of `davinci` and `babbage`, retired and dearer.
    ...(['davinci', 'babbage'] as const).map((name) => ({
      id: `${name}-002`,
      aliases: [`${name}:2023-07-21-v2`],
      rates: [
        {
          usd: { davinci: { input: 2, output: 2 }, babbage: { input: 0.4, output: 0.4 } }[name],
          estimated: 'single_source',
        },
      ],
      source: `LiteLLM 1.110.2, ${name}-002`,
      checked: '2026-11-28',
    })),
    {
      id: 'gpt-6.1-sol',
      rates: [
        {
          usd: { input: 2, cacheRead: 0.1, cacheWrite: 2.5, output: 10 },
          tiers: [{ minInputTokens: 272_001, usd: { input: 4, cacheRead: 0.2, cacheWrite: 5, output: 15 } }],
        },
      ],
      source: 'https://developers.openai.com/api/docs/models/gpt-6.1-sol',
      checked: CHECKED,
    },
    {
      id: 'gpt-6.1-terra',
      rates: [
        {
          usd: { input: 1, cacheRead: 0.05, cacheWrite: 1.25, output: 5 },
          tiers: [
            { minInputTokens: 272_001, usd: { input: 2, cacheRead: 0.1, cacheWrite: 2.5, output: 7.5 } },
          ],
        },
      ],
      source: 'https://developers.openai.com/api/docs/models/gpt-6.1-terra',
      checked: CHECKED,
    },
  ],
  patches: [
    ...OPENAI_TRAINING,
    {
      models: ['gpt-3.5-0301', 'gpt-3.5-turbo-0613', 'gpt-3.5-turbo-1106'],
      modes: { batch: { by: SAME } },
      source: OPENAI_PRICING,
      checked: CHECKED,
    },
    {
      models: ['gpt-4.1', 'gpt-4.1-mini', 'o3', 'gpt-4o-2024-05-13'],
      modes: openaiPriority([7, 4]),
      source: OPENAI_PRIORITY,
      checked: CHECKED,
    },
    { models: ['gpt-4o'], modes: openaiPriority([17, 10]), source: OPENAI_PRIORITY, checked: CHECKED },
    // 0.25 / 0.15 USD: printed elsewhere as 1.67.
    { models: ['gpt-4o-mini'], modes: openaiPriority([5, 3]), source: OPENAI_PRIORITY, checked: CHECKED },
    // 2.00 / 1.10 USD: printed elsewhere as 1.82.
    { models: ['o4-mini'], modes: openaiPriority([20, 11]), source: OPENAI_PRIORITY, checked: CHECKED },
    { models: ['gpt-5-mini'], modes: openaiPriority([9, 5]), source: OPENAI_PRIORITY, checked: CHECKED },
    { models: ['gpt-5.5'], modes: openaiPriority([5, 2]), source: OPENAI_PRIORITY, checked: CHECKED },
    {
      models: ['gpt-4.1-nano', 'gpt-5', 'gpt-5.1', 'gpt-5.2', 'gpt-5.3-codex', 'gpt-5.4', 'gpt-5.4-mini'],
      modes: openaiPriority(DOUBLE),
      source: OPENAI_PRIORITY,
      checked: CHECKED,
    },
    {
      models: /^gpt-(?:5\.6-(?:sol|terra|luna)|6-(?:astra|sol|luna)|6\.1-(?:sol|terra))$/,
      modes: OPENAI_FAST,
      source: 'https://developers.openai.com/api/docs/pricing, by genai-prices 0.2.3',
      checked: '2026-11-29',
    },
    {
      models: /^gpt-(5\.[4-9]|6)/,
      regions: Object.fromEntries(
        ['us', 'eu', 'au', 'ca', 'jp', 'in', 'sg', 'kr', 'gb', 'ae'].map((region) => [region, PLUS_TENTH]),
      ),
      source: OPENAI_PRICING,
      checked: CHECKED,
    },
    {
      // 4/20 USD is promised "at least through 2026-11-21", the list price is 5/30.
      models: ['gpt-5.6-sol'],
      estimated: { from: '2026-11-22', reason: 'promotional_rate_unconfirmed' },
      source: OPENAI_PRICING,
      checked: CHECKED,
    },
    {
      // A write that is kept for twelve hours: two and a half times the input, in all twelve rows that the source has.
      models: /^gpt-(5\.6|6)/,
      ofInput: { cacheWrite12h: [5, 2] },
      source: 'LiteLLM 1.110.2, cache_creation_input_token_cost_above_12hr',
      checked: CHECKED,
    },
    // What the base has the price of text for; 40 and 80 USD, 10 and 20.
    {
      models: ['gpt-4o-audio-preview'],
      ofInput: { inputAudio: [16, 1], outputAudio: [32, 1] },
      source: 'LiteLLM 1.110.2, gpt-4o-audio-preview-2025-06-03',
      checked: '2026-11-29',
    },
    {
      models: ['gpt-4o-mini-audio-preview'],
      ofInput: { inputAudio: [200, 3], outputAudio: [400, 3] },
      source: 'LiteLLM 1.110.2, gpt-4o-mini-audio-preview-2024-12-17',
      checked: '2026-11-29',
    },
    {
      models: ['ft:gpt-4o', 'ft:gpt-4o-mini'],
      ofInput: { cacheRead: HALF },
      source: 'LiteLLM 1.110.2, ft:gpt-4o-2024-08-06 and ft:gpt-4o-mini-2024-07-18',
      checked: '2026-11-29',
    },
    {
      // Fine-tuned snapshots that are dated with four digits.
      models: ['ft:gpt-3.5-turbo-'],
      addAliases: ['ft:gpt-3.5-turbo-0125', 'ft:gpt-3.5-turbo-0613', 'ft:gpt-3.5-turbo-1106'],
      source: OPENAI_PRICING,
      checked: CHECKED,
    },
    {
      models: ['gpt-4'],
      addAliases: ['ft:gpt-4-0613'],
      dropAliases: ['ft:gpt-4-0'],
      source: OPENAI_PRICING,
      checked: CHECKED,
    },
    {
      models: ['computer-use'],
      addAliases: ['computer-use-preview'],
      source: OPENAI_PRICING,
      checked: CHECKED,
    },
    {
      models: ['gpt-4o-realtime-preview'],
      addAliases: ['gpt-4o-realtime-preview'],
      source: OPENAI_PRICING,
      checked: CHECKED,
    },
    {
      models: ['gpt-4o-mini-realtime-preview'],
      addAliases: ['gpt-4o-mini-realtime-preview'],
      source: OPENAI_PRICING,
      checked: CHECKED,
    },
  ],
};

const claudeFast = (by: Fraction): ModeRates => ({ fast: { by, longContext: 'flat' } });

const anthropic: Overlay = {
  base: 'anthropic',
  second: { fill: true },
  settings: {
    ids: { suffixes: [DATE_SUFFIX] },
    cacheWriteTtl: '5m',
    modes: { batch: { by: HALF } },
    // Anthropic's priority tier is bought in advance; it has no public price per token.
    commitmentModes: ['priority'],
    neutralRegions: ['global', 'not_available'],
    pricedRegions: ['us'],
    // Fetched pages are billed as the tokens that they are.
    tools: { web_search: usdPerThousand(10), web_fetch: 0 },
  },
  models: [
    ...ANTHROPIC_NEWER,
    {
      id: 'claude-sonnet-5-5',
      aliases: ['claude-sonnet-5.5'],
      rates: [
        { usd: { input: 2, cacheRead: 0.2, cacheWrite: 2.5, cacheWrite1h: 4, output: 10 } },
        {
          from: '2026-10-07',
          usd: { input: 2, cacheRead: 0.1, cacheWrite: 2.5, cacheWrite1h: 4, output: 10 },
        },
      ],
      source: 'https://platform.claude.com/docs/en/models/sonnet-5-5/overview',
      checked: CHECKED,
    },
    {
      id: 'claude-haiku-5-5',
      aliases: ['claude-haiku-5.5'],
      rates: [
        {
          usd: { input: 0.1, cacheRead: 0.01, cacheWrite: 0.125, cacheWrite1h: 0.2, output: 0.5 },
          tiers: [
            {
              minInputTokens: 100_001,
              usd: { input: 0.5, cacheRead: 0.05, cacheWrite: 0.625, cacheWrite1h: 1, output: 2.5 },
            },
          ],
        },
      ],
      source: 'https://platform.claude.com/docs/en/models/haiku-5-5/overview',
      checked: CHECKED,
    },
    {
      id: 'claude-mythos-5',
      rates: [{ usd: { input: 10, cacheRead: 1, cacheWrite: 12.5, cacheWrite1h: 20, output: 50 } }],
      source: CLAUDE_PRICING,
      checked: CHECKED,
    },
    {
      id: 'claude-mythos-5-1',
      rates: [{ usd: { input: 10, cacheRead: 0.25, cacheWrite: 12.5, cacheWrite1h: 20, output: 50 } }],
      source: CLAUDE_PRICING,
      checked: CHECKED,
    },
  ],
  patches: [
    {
      models: ['claude-3-5-sonnet'],
      addAliases: ['claude-3-5-sonnet-latest'],
      source: CLAUDE_PRICING,
      checked: CHECKED,
    },
    { models: ['claude-opus-4-0'], addAliases: ['claude-opus-4'], source: CLAUDE_PRICING, checked: CHECKED },
    {
      models: ['claude-sonnet-4-0'],
      addAliases: ['claude-sonnet-4'],
      longContext: { minInputTokens: 200_001, input: DOUBLE, output: [3, 2] },
      source: CLAUDE_PRICING,
      checked: CHECKED,
    },
    {
      models: ['claude-opus-4-6', 'claude-opus-4-7'],
      modes: claudeFast([6, 1]),
      source: CLAUDE_PRICING,
      checked: CHECKED,
    },
    {
      models: [
        'claude-opus-4-8',
        'claude-opus-5',
        'claude-opus-5-5',
        'claude-fable-5-2',
        'claude-mythos-5-2',
      ],
      modes: claudeFast(DOUBLE),
      source: 'https://platform.claude.com/docs/en/build-with-claude/fast-mode',
      checked: '2026-11-29',
    },
    {
      models: ['claude-opus-5'],
      addAliases: ['claude-opus-5-latest'],
      source: CLAUDE_PRICING,
      checked: '2026-11-29',
    },
    {
      models: /^claude-(opus-4-[678]|sonnet-4-6|(opus|sonnet|haiku|fable|mythos)-5)/,
      regions: { us: PLUS_TENTH },
      source: CLAUDE_PRICING,
      checked: CHECKED,
    },
  ],
};

const bedrock: Overlay = {
  base: 'aws',
  second: { fill: true },
  // Their `regional.` rows are what a plain id or a geographic profile costs; `global.` stays in the id.
  renameId: (id) => id.replace(/^regional\./, ''),
  settings: {
    ids: {
      routes: [
        '^arn:aws[\\w-]*:bedrock:[^:]*:[^:]*:(?:inference-profile|foundation-model)(?:/|%2F)(.+)$',
        '^(?:us|us-gov|eu|apac|jp|au|ca|in)\\.(.+)$',
      ],
      // Only `-v1` is a revision without a meaning: Titan embeddings v2 is another model than v1.
      suffixes: [':\\d+(?::\\w+)?$', '-v1$', DATE_SUFFIX],
    },
    cacheWriteTtl: '5m',
    modes: { batch: { by: HALF }, flex: { by: HALF }, priority: { by: [7, 4] } },
    commitmentIds: [
      '^arn:aws[\\w-]*:bedrock:[^:]*:[^:]*:(?:provisioned-model|custom-model-deployment)(?:/|%2F)',
    ],
    neutralRegions: ['us-east-1', 'us-west-2'],
    // By the unit of text, up to 1,000 characters of it, and by the image.
    tools: {
      guardrail_content: usdPerThousand(0.15),
      guardrail_topic: usdPerThousand(0.15),
      guardrail_sensitive_information: usdPerThousand(0.1),
      guardrail_contextual_grounding: usdPerThousand(0.1),
      guardrail_image: usdPerThousand(0.75),
      // By the unit of text and policy.
      guardrail_automated_reasoning: usdPerThousand(0.17),
      // `InvokeGuardrailChecks` has prices of its own, and none of them needs a guardrail.
      guardrail_check_content: usdPerThousand(0.07),
      guardrail_check_prompt_attack: usdPerThousand(0.08),
      guardrail_check_sensitive_information: usdPerThousand(0.1),
    },
  },
  models: [...BEDROCK_UNITS, ...BEDROCK_NEWER],
  patches: [
    {
      // The newer endpoint leaves the revision out.
      models: ['openai.gpt-oss-120b-1:0'],
      addAliases: ['openai.gpt-oss-120b'],
      source: BEDROCK_PRICING,
      checked: CHECKED,
    },
    {
      models: ['openai.gpt-oss-20b-1:0'],
      addAliases: ['openai.gpt-oss-20b'],
      source: BEDROCK_PRICING,
      checked: CHECKED,
    },
    {
      // The base's substring rule prices Titan embeddings v2 as v1.
      models: ['amazon.titan-embed-text-v1'],
      dropAliases: ['amazon.titan-embed-text'],
      source: BEDROCK_PRICING,
      checked: CHECKED,
    },
    {
      models: /claude-(sonnet-4|opus-4|haiku-4|(opus|sonnet|fable)-5)/,
      ofInput: { cacheWrite1h: DOUBLE },
      source: CLAUDE_PRICING,
      checked: CHECKED,
    },
  ],
};

const google: Overlay = {
  base: 'google',
  // Gemini 1.0 had the name once.
  second: { fill: true, replace: ['gemini-pro-latest'] },
  // By the grounded prompt, and from Gemini 3 on by the search.
  toolsOf: [
    [/^gemini-(?:live-)?2/, { web_search: usdPerThousand(35) }],
    [/^gemini-(?:[3-9]|(?:pro|flash|flash-lite)-latest$)/, { web_search: usdPerThousand(14) }],
  ],
  settings: {
    ids: {
      routes: ['^(?:projects/[^/]+/locations/[^/]+/)?(?:publishers/[^/]+/)?models/(.+)$', '^anthropic/(.+)$'],
      suffixes: [DATE_SUFFIX, '(?:-\\d{3}|-latest)$', '-(?:preview|exp)(?:-\\d{2}-\\d{2,4})?$'],
    },
    cacheWriteTtl: '5m',
    audioAsText: true,
    modes: {
      batch: { by: HALF, cacheRead: SAME },
      flex: { by: HALF },
      priority: { by: [9, 5], estimated: 'priority_factor_varies' },
    },
    neutralRegions: ['global'],
    // Some prompts of each day or month are grounded for nothing, for all projects of an account together.
    estimatedTools: { web_search: 'free_allowance' },
  },
  models: [
    ...GOOGLE_UNITS,
    ...GOOGLE_NEWER,
    // Spelled like revisions of gemini-2.5-flash, priced as its preview was.
    ...['gemini-2.5-flash-preview-05-20', 'gemini-2.5-flash-preview-04-17'].map((id) => ({
      id,
      rates: [{ usd: { input: 0.15, output: 0.6 } }],
      source: GEMINI_PRICING,
      checked: CHECKED,
    })),
  ],
  patches: [
    ...GOOGLE_STORAGE,
    {
      models: ['gemini-2.5-flash-preview'],
      dropAliases: ['gemini-2.5-flash-preview-05-20', 'gemini-2.5-flash-preview-04-17'],
      source: GEMINI_PRICING,
      checked: CHECKED,
    },
    {
      models: /^gemini-(?:3.*-flash|4-argon|flash-latest)/,
      modes: { batch: { by: HALF } },
      source: GEMINI_PRICING,
      checked: CHECKED,
    },
    {
      models: /^claude-/,
      modes: { batch: { by: HALF } },
      source: CLAUDE_PRICING,
      checked: CHECKED,
    },
    {
      models: /^claude-(sonnet-4-5|(opus|sonnet)-4-[678]|(opus|fable)-5)/,
      ofInput: { cacheWrite1h: DOUBLE },
      regions: { '*': PLUS_TENTH },
      source: CLAUDE_PRICING,
      checked: CHECKED,
    },
  ],
};

const mistral: Overlay = {
  base: 'mistral',
  second: {
    fill: true,
    // Names that have moved on to newer models.
    replace: ['magistral-medium-latest', 'magistral-small-latest', 'mistral-medium', 'mistral-small-latest'],
  },
  settings: {
    ids: { suffixes: [DATE_SUFFIX] },
    modes: { batch: { by: HALF, estimated: 'batch_factor_unconfirmed' } },
  },
  models: [
    ...MISTRAL_NEWER,
    {
      // The base still has the rate of Large 2.
      id: 'mistral-large-latest',
      rates: [
        { usd: { input: 2, output: 6 } },
        { from: '2025-12-02', usd: { input: 0.5, cacheRead: 0.05, output: 1.5 } },
      ],
      source: 'https://mistral.ai/pricing',
      checked: CHECKED,
    },
  ],
  patches: [
    {
      models: ['codestral', 'devstral-small', 'mistral-tiny', 'pixtral-large'],
      ofInput: { cacheRead: [1, 10] },
      source: 'LiteLLM 1.110.2, cache_read_input_token_cost',
      checked: '2026-11-29',
    },
    {
      models: ['mistral-large'],
      dropAliases: ['mistral-large-latest'],
      source: 'https://mistral.ai/pricing',
      checked: CHECKED,
    },
    {
      models: ['magistral-medium'],
      addAliases: ['magistral-medium-2506', 'magistral-medium-2507', 'magistral-medium-2509'],
      source: 'https://mistral.ai/pricing',
      checked: CHECKED,
    },
    {
      models: ['magistral-small'],
      addAliases: ['magistral-small-2506', 'magistral-small-2507', 'magistral-small-2509'],
      source: 'https://mistral.ai/pricing',
      checked: CHECKED,
    },
  ],
};

const groq: Overlay = {
  base: 'groq',
  second: { fill: true },
  settings: {
    ids: { suffixes: [DATE_SUFFIX] },
    modes: {
      // What is read from the cache costs what it always does.
      batch: { by: HALF, cacheRead: SAME, estimated: 'batch_factor_unconfirmed' },
      flex: { by: SAME, estimated: 'flex_factor_unconfirmed' },
    },
  },
  patches: [
    {
      // A shorter recording is billed as ten seconds.
      models: ['whisper-large-v3'],
      units: { input_audio_ms: { usd: 0.111, per: 3_600_000, minimum: 10_000 } },
      source: 'https://groq.com/pricing',
      checked: CHECKED,
    },
    {
      models: ['whisper-large-v3-turbo'],
      units: { input_audio_ms: { usd: 0.04, per: 3_600_000, minimum: 10_000 } },
      source: 'https://groq.com/pricing',
      checked: CHECKED,
    },
    {
      // Another model, which the base lists under the price of this one.
      models: ['openai/gpt-oss-120b'],
      dropAliases: ['openai/gpt-oss-safeguard-20b'],
      source: 'https://groq.com/pricing',
      checked: CHECKED,
    },
  ],
};

const xai: Overlay = {
  base: 'x-ai',
  second: { fill: true, replace: [/^grok-code-fast/, 'grok-4.20-multi-agent'] },
  settings: {
    ids: { suffixes: [DATE_SUFFIX] },
    pricedRegions: ['us'],
    // Batch (20 to 50 % off) and priority differ by model; xAI reports the cost itself.
    tools: {
      web_search: usdPerThousand(5),
      x_search: usdPerThousand(5),
      code_execution: usdPerThousand(5),
      code_interpreter: usdPerThousand(5),
      attachment_search: usdPerThousand(10),
      collections_search: usdPerThousand(2.5),
    },
  },
  patches: [
    {
      models: ['grok-4.20', 'grok-4.3'],
      modes: { batch: { by: [4, 5] } },
      source: 'https://docs.x.ai/developers/pricing, by genai-prices 0.2.3',
      checked: '2026-11-29',
    },
    {
      models: /./,
      regions: { us: PLUS_TENTH },
      source: 'https://docs.x.ai/developers/pricing',
      checked: CHECKED,
    },
  ],
};

const perplexity: Overlay = {
  base: 'perplexity',
  second: { fill: true },
  patches: [
    {
      models: ['sonar', 'sonar-pro', 'sonar-reasoning', 'sonar-reasoning-pro'],
      // The fee per request depends on the size of the search context; the base has the largest.
      estimated: { reason: 'request_fee_varies' },
      source: 'https://docs.perplexity.ai/getting-started/pricing',
      checked: CHECKED,
    },
    {
      models: ['sonar-deep-research'],
      estimated: { reason: 'citation_tokens_not_reported' },
      source: 'https://docs.perplexity.ai/getting-started/pricing',
      checked: CHECKED,
    },
  ],
};

const fireworks: Overlay = {
  base: 'fireworks',
  // Prices by size class are in the names of thousands of models; the curated ones have a price for cached input.
  second: { fill: true, skip: /flux|playground-v2|stable-diffusion|SSD|whisper|asr|\bspot-|^(?!accounts)/ },
  models: FIREWORKS_NEWER,
  settings: {
    ids: { suffixes: [DATE_SUFFIX] },
    modes: { priority: { by: [3, 2], estimated: 'priority_factor_varies' } },
  },
};

const deepseek: Overlay = {
  base: 'deepseek',
  second: { fill: true, skip: /^search$/ },
  models: DEEPSEEK_NEWER,
  patches: [
    {
      // Names that have moved on to newer models since the base recorded their price.
      models: ['deepseek-chat', 'deepseek-reasoner'],
      estimated: { reason: 'rate_of_former_model' },
      source: 'https://api-docs.deepseek.com/quick_start/pricing',
      checked: CHECKED,
    },
  ],
};

/** Card name → what it is made of. */
export const OVERLAYS: Readonly<Record<string, Overlay>> = {
  ai21: { second: { fill: true } },
  anthropic,
  alibaba: { second: { fill: true } },
  azure: {
    base: 'azure',
    // DeepSeek, Grok and others at Azure's own price, before the cards of their makers are looked at.
    second: {
      fill: true,
      replace: [/^deepseek-/, 'grok-3-mini'],
      skip: /^(?:gpt|o\d|claude|text-embedding|computer-use|codex|chatgpt|dall-e|whisper|tts|sora)/,
    },
    // OpenAI's models are in the card of OpenAI, which is looked at first.
    drop: [
      'ada',
      'babbage',
      'curie',
      'davinci',
      'o1',
      'o1-mini',
      'o1-preview',
      'o3-2025-04-16',
      'o3-mini',
      'o4-mini',
      'text-embedding-3-large',
      'text-embedding-3-small',
    ],
    settings: {
      ids: { suffixes: [DATE_SUFFIX] },
      modes: { batch: { by: HALF } },
      // Its searches are Bing's: "100 searches × $14/1,000" in Microsoft's own cost planning of September 2026
      // (github.com/microsoft/Foundry-Agent-Solution-Templates, docs/cost.md), and no price page that is read here.
      sellsToolsWith: ['openai'],
      tools: { web_search: usdPerThousand(14), web_search_preview: usdPerThousand(14) },
      estimatedTools: { web_search: 'single_source', web_search_preview: 'single_source' },
    },
    models: AZURE_NEWER,
  },
  baseten: { base: 'baseten', second: { fill: true } },
  bedrock,
  cerebras: { base: 'cerebras', second: { fill: true } },
  cloudflare: { base: 'cloudflare', second: { fill: true } },
  cohere: { base: 'cohere', second: { fill: true }, models: [...COHERE_UNITS, ...COHERE_NEWER] },
  deepgram: { second: { fill: true } },
  deepinfra: { second: { fill: true } },
  elevenlabs: { second: { fill: true } },
  deepseek,
  fireworks,
  google,
  groq,
  minimax: { base: 'minimax', second: { fill: true } },
  mistral,
  moonshot: { base: 'moonshotai', second: { fill: true } },
  nebius: { second: { fill: true } },
  novita: {
    base: 'novita',
    // Cheaper since the base was published.
    second: {
      fill: true,
      replace: [
        'meta-llama/llama-3.1-8b-instruct',
        'meta-llama/llama-3.3-70b-instruct',
        'mistralai/mistral-nemo',
      ],
    },
  },
  openai,
  openrouter: { base: 'openrouter' },
  perplexity,
  together: {
    base: 'together',
    second: { fill: true },
    models: [
      {
        // Together's own SDK spells it so, the second source the other way.
        id: 'Salesforce/Llama-Rank-v1',
        aliases: ['Salesforce/Llama-Rank-V1'],
        rates: [{ usd: { input: 0.1 }, estimated: 'single_source' }],
        source: 'LiteLLM 1.110.2, together_ai/Salesforce/Llama-Rank-V1',
        checked: '2026-11-28',
      },
    ],
  },
  voyage: { base: 'voyageai', second: { fill: true } },
  x_ai: xai,
  z_ai: { base: 'zai', second: { fill: true }, models: Z_AI_NEWER },
};
