import { PROVIDER } from '@costspan/semconv';
import { type CountingEndpoint, type ImageTokens, pickFields, type TokenFamily } from '../family.js';
import type { ImagePart } from '../request.js';

/** Base and tile of models that cut images into tiles of 512 px; source: the vision guide of OpenAI. */
const TILES: readonly (readonly [models: RegExp, base: number, tile: number])[] = [
  [/^gpt-4o-mini/, 2_833, 5_667],
  [/^(?:gpt-4o|gpt-4\.1(?!-)|gpt-4\.1-20|gpt-4\.5|gpt-4-turbo|gpt-4-vision|chatgpt-4o)/, 85, 170],
  [/^(?:o1|o3)(?!-mini)/, 75, 150],
  [/^computer-use/, 65, 129],
  [/^gpt-5(?:-chat|-20|$)/, 70, 140],
];
/** Multiplier of models that cover images with patches of 32 px, at most 1536 of them. */
const PATCHES: readonly (readonly [models: RegExp, multiplier: number])[] = [
  [/^(?:gpt-4\.1-mini|gpt-5-mini)/, 1.62],
  [/^(?:gpt-4\.1-nano|gpt-5-nano)/, 2.46],
  [/^o4-mini/, 1.72],
];
const MAX_PATCHES = 1_536;
const PATCH_PX = 32;
const TILE_PX = 512;
const MAX_SIDE_PX = 2_048;
const SHORT_SIDE_PX = 768;
/** The most tiles that 2048 × 768 px have. */
const MAX_TILES = 8;
/** Tokens of an image of a model whose rule is not documented. */
const UNKNOWN: ImageTokens = { tokens: 1_100, most: 10_000, isExact: false };

function countImage(image: ImagePart, model: string): ImageTokens {
  const tiles = TILES.find(([models]) => models.test(model));
  if (tiles !== undefined) {
    const [, base, tile] = tiles;
    if (image.detail === 'low') return { tokens: base, most: base, isExact: true };
    const most = base + MAX_TILES * tile;
    const count = countTiles(image);
    return count === undefined
      ? { tokens: base + 4 * tile, most, isExact: false }
      : { tokens: base + count * tile, most: base + count * tile, isExact: true };
  }
  const patches = PATCHES.find(([models]) => models.test(model));
  if (patches === undefined) return UNKNOWN;
  const [, multiplier] = patches;
  const count = countPatches(image);
  const most = Math.ceil(MAX_PATCHES * multiplier);
  if (count === undefined) return { tokens: Math.ceil(1_024 * multiplier), most, isExact: false };
  const tokens = Math.ceil(count * multiplier);
  return { tokens, most: tokens, isExact: true };
}

/** Fitted into 2048 px, then the shorter side to 768 px, then cut. */
function countTiles({ widthPx, heightPx }: ImagePart): number | undefined {
  if (widthPx === undefined || heightPx === undefined) return undefined;
  const fit = Math.min(1, MAX_SIDE_PX / Math.max(widthPx, heightPx));
  const short = Math.min(1, SHORT_SIDE_PX / (Math.min(widthPx, heightPx) * fit));
  const tiles = (px: number): number => Math.ceil((px * fit * short) / TILE_PX);
  return tiles(widthPx) * tiles(heightPx);
}

/** Made smaller until whole patches cover it with at most 1536. */
function countPatches({ widthPx, heightPx }: ImagePart): number | undefined {
  if (widthPx === undefined || heightPx === undefined) return undefined;
  const cover = (shrink: number): number =>
    Math.ceil((widthPx * shrink) / PATCH_PX) * Math.ceil((heightPx * shrink) / PATCH_PX);
  if (cover(1) <= MAX_PATCHES) return cover(1);
  const shrink = Math.sqrt((PATCH_PX * PATCH_PX * MAX_PATCHES) / (widthPx * heightPx));
  const [columns, rows] = [(widthPx * shrink) / PATCH_PX, (heightPx * shrink) / PATCH_PX];
  const fit = Math.min(Math.floor(columns) / columns, Math.floor(rows) / rows);
  return Math.min(MAX_PATCHES, Math.round(columns * fit) * Math.round(rows * fit));
}

const own = {
  providers: [PROVIDER.OPENAI, PROVIDER.AZURE_AI_OPENAI, PROVIDER.AZURE_AI_INFERENCE],
  isOwnEncoding: true,
  factor: 1,
  errorRatio: 0.25,
  errorTokens: 12,
  // Role and marks around a message; the beginning of the answer.
  perMessage: 4,
  base: 3,
  firstTool: 9,
  // Definitions are written as types, which is shorter than their JSON.
  toolFactor: 0.6,
  toolErrorTokens: 20,
  countImage,
} as const;
const MANY = Number.POSITIVE_INFINITY;

/** Models of OpenAI. Embeddings and completions have no messages around their text. */
export const openaiFamilies: readonly TokenFamily[] = [
  {
    ...own,
    models: /^(?:text-embedding|babbage|davinci|gpt-3\.5-turbo-instruct)/,
    encoding: 'cl100k_base',
    perMessage: 0,
    base: 0,
    exactMessages: MANY,
  },
  // The open weights: a system prompt of their own stands before the messages, whoever serves them.
  {
    ...own,
    providers: [
      ...own.providers,
      PROVIDER.GROQ,
      PROVIDER.OLLAMA,
      PROVIDER.AWS_BEDROCK,
      PROVIDER.TOGETHER,
      PROVIDER.CEREBRAS,
    ],
    models: /gpt-oss/,
    encoding: 'o200k_base',
    base: 57,
    errorTokens: 25,
    toolErrorTokens: 40,
  },
  // These search, hear or draw beside what is written.
  { ...own, models: /search|audio|realtime|transcribe|tts|image|live/, encoding: 'o200k_base' },
  {
    ...own,
    models: /^(?:gpt-3\.5|gpt-35|gpt-4(?!o|\.)|ft:gpt-3\.5)/,
    encoding: 'cl100k_base',
    exactMessages: MANY,
  },
  { ...own, models: /^(?:ft:)?(?:gpt-4o|gpt-4\.1|chatgpt-4o)/, encoding: 'o200k_base', exactMessages: MANY },
  { ...own, models: /^(?:gpt-|o\d|codex|computer-use)/, encoding: 'o200k_base', base: 2, exactMessages: 1 },
];

/** `POST /v1/responses/input_tokens`; messages of a chat are input items as they are. */
export const openaiCounting: CountingEndpoint = {
  provider: PROVIDER.OPENAI,
  baseUrl: 'https://api.openai.com',
  path: () => '/v1/responses/input_tokens',
  headers: (apiKey) => ({ authorization: `Bearer ${apiKey}` }),
  toBody: (model, body) => ({
    model,
    input: body.input ?? body.messages,
    ...pickFields(body, [
      'instructions',
      'tools',
      'tool_choice',
      'text',
      'reasoning',
      'previous_response_id',
    ]),
  }),
  readTokens: (answer) => answer.input_tokens,
};
