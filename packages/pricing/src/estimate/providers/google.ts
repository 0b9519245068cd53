import { PROVIDER } from '@costspan/semconv';
import { type CountingEndpoint, type ImageTokens, pickFields, type TokenFamily } from '../family.js';
import type { ImagePart } from '../request.js';

/** Source: the token and media resolution pages of the Gemini API. */
const TILE_TOKENS = 258;
const SMALL_PX = 384;
const TILE_MIN_PX = 256;
const TILE_MAX_PX = 768;
/** Gemini 3 and newer: a fixed budget an image. */
const BUDGET = /gemini-(?:[3-9]|\d\d)/;
const BUDGET_TOKENS = 1_120;

function countImage({ widthPx, heightPx }: ImagePart, model: string): ImageTokens {
  if (BUDGET.test(model)) return { tokens: BUDGET_TOKENS, most: BUDGET_TOKENS, isExact: false };
  if (widthPx === undefined || heightPx === undefined)
    return { tokens: 4 * TILE_TOKENS, most: 16 * TILE_TOKENS, isExact: false };
  if (widthPx <= SMALL_PX && heightPx <= SMALL_PX)
    return { tokens: TILE_TOKENS, most: TILE_TOKENS, isExact: true };
  const side = Math.min(TILE_MAX_PX, Math.max(TILE_MIN_PX, Math.floor(Math.min(widthPx, heightPx) / 1.5)));
  const tokens = Math.ceil(widthPx / side) * Math.ceil(heightPx / side) * TILE_TOKENS;
  return { tokens, most: tokens, isExact: false };
}

/** Gemini. */
export const gemini: TokenFamily = {
  providers: [PROVIDER.GCP_GEMINI, PROVIDER.GCP_VERTEX_AI, PROVIDER.OPENROUTER],
  models: /gemini/,
  encoding: 'o200k_base',
  factor: 1.05,
  errorRatio: 0.35,
  errorTokens: 12,
  perMessage: 0,
  base: 0,
  firstTool: 10,
  toolFactor: 0.7,
  toolErrorTokens: 30,
  countImage,
};

/** `POST …:countTokens` */
export const geminiCounting: CountingEndpoint = {
  provider: PROVIDER.GCP_GEMINI,
  baseUrl: 'https://generativelanguage.googleapis.com',
  path: (model) => `/v1beta/models/${encodeURIComponent(model.replace(/^models\//, ''))}:countTokens`,
  headers: (apiKey) => ({ 'x-goog-api-key': apiKey }),
  toBody: (model, body) => ({
    generateContentRequest: {
      model: `models/${model.replace(/^models\//, '')}`,
      ...pickFields(body, ['contents', 'systemInstruction', 'tools', 'toolConfig', 'generationConfig']),
    },
  }),
  readTokens: (answer) => answer.totalTokens,
};
