import { PROVIDER } from '@costspan/semconv';
import { type CountingEndpoint, type ImageTokens, pickFields, type TokenFamily } from '../family.js';
import type { ImagePart } from '../request.js';

/** Pixels of one token, and what larger images are made smaller to; source: the vision page of Anthropic. */
const PX_PER_TOKEN = 750;
const MAX_SIDE_PX = 1_568;
const MAX_TOKENS = 1_600;
/** Models that see more of an image. */
const LARGE = /claude-(?:opus-(?:4-[78]|5)|(?:sonnet|haiku|fable|mythos)-5)/;
const LARGE_SIDE_PX = 2_576;
const LARGE_MAX_TOKENS = 4_784;

function countImage({ widthPx, heightPx }: ImagePart, model: string): ImageTokens {
  const isLarge = LARGE.test(model);
  const [side, most] = isLarge ? [LARGE_SIDE_PX, LARGE_MAX_TOKENS] : [MAX_SIDE_PX, MAX_TOKENS];
  if (widthPx === undefined || heightPx === undefined) return { tokens: 1_400, most, isExact: false };
  const fit = Math.min(1, side / Math.max(widthPx, heightPx));
  const tokens = Math.min(most, Math.ceil((widthPx * fit * heightPx * fit) / PX_PER_TOKEN));
  // The page calls the rule approximate.
  return { tokens, most: Math.min(most, Math.ceil(tokens * 1.1) + 10), isExact: false };
}

/** Claude, wherever it is sold. Its tokenizer is not published; the newest ones make up to a third more tokens. */
export const claude: TokenFamily = {
  providers: [PROVIDER.ANTHROPIC, PROVIDER.AWS_BEDROCK, PROVIDER.GCP_VERTEX_AI, PROVIDER.OPENROUTER],
  models: /claude/,
  encoding: 'o200k_base',
  factor: 1.2,
  errorRatio: 0.4,
  errorTokens: 20,
  perMessage: 4,
  base: 4,
  // The system prompt that tells the model of tools.
  firstTool: 346,
  toolFactor: 1,
  toolErrorTokens: 150,
  countImage,
};

/** `POST /v1/messages/count_tokens` */
export const claudeCounting: CountingEndpoint = {
  provider: PROVIDER.ANTHROPIC,
  baseUrl: 'https://api.anthropic.com',
  path: () => '/v1/messages/count_tokens',
  headers: (apiKey) => ({ 'x-api-key': apiKey, 'anthropic-version': '2023-06-01' }),
  toBody: (model, body) => ({
    model,
    ...pickFields(body, ['messages', 'system', 'tools', 'tool_choice', 'thinking']),
  }),
  readTokens: (answer) => answer.input_tokens,
};
