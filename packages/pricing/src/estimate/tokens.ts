import type { ImageTokens, TokenFamily } from './family.js';
import { findFamily } from './providers/index.js';
import { type RequestPieces, readPieces } from './request.js';
import { countByCharacters, findTokenizer, type Tokenizer } from './tokenizer.js';

/** A call that has not been made. */
export interface EstimateRequest {
  readonly provider: string;
  readonly model: string;
  /** What would be sent: the body of OpenAI's chat or responses, Anthropic's messages, Gemini's generateContent. */
  readonly body: object;
}

/** How many input tokens a call will have. */
export interface TokenEstimate {
  readonly inputTokens: number;
  /** Bounds. They hold what was measured of recorded requests; opaque parts may go beyond the upper one. */
  readonly lowTokens: number;
  readonly highTokens: number;
  readonly method: 'tokenizer' | 'characters' | 'provider';
  /** Whether the provider will count the same. */
  readonly isExact: boolean;
  /** Why not. */
  readonly reasons: readonly string[];
  /** Limit of the answer that the request sets. */
  readonly maxOutputTokens?: number;
}

/** Characters alone say this much less than a tokenizer. */
const CHARACTERS_ERROR_RATIO = 0.2;

/**
 * Counts the input tokens of a call before it is made, with `gpt-tokenizer` where it is installed, else from the
 * characters. It never pretends: what is not exact says why, and has bounds.
 * @example
 * estimateTokens({ provider: 'openai', model: 'gpt-4o', body: { messages: [{ role: 'user', content: 'Hello' }] } });
 */
export function estimateTokens(
  { provider, model, body }: EstimateRequest,
  { tokenizer }: { readonly tokenizer?: Tokenizer } = {},
): TokenEstimate {
  const family = findFamily(provider, model);
  const pieces = readPieces(body);
  const found = tokenizer ?? (family.encoding === undefined ? undefined : findTokenizer(family.encoding));
  const count = (text: string): number => found?.countTokens(text) ?? countByCharacters(text);
  const text = countText(pieces, family, count);
  const name = model.slice(model.lastIndexOf('/') + 1);
  const images = pieces.images.map((image) => family.countImage(image, name));
  const reasons = findReasons(pieces, family, { images, hasTokenizer: found !== undefined });
  const isExact = reasons.length === 0;
  const errorRatio = family.errorRatio + (found === undefined ? CHARACTERS_ERROR_RATIO : 0);
  const sum = (read: (image: ImageTokens) => number): number =>
    images.reduce((total, image) => total + read(image), 0);
  const inputTokens = Math.ceil(text) + sum(({ tokens }) => tokens);
  const toolErrorTokens = pieces.tools.length > 0 ? family.toolErrorTokens : 0;
  const slack = isExact ? 0 : Math.ceil(text * errorRatio) + family.errorTokens + toolErrorTokens;
  const { maxOutputTokens } = pieces;
  return {
    inputTokens,
    lowTokens: Math.max(
      0,
      Math.ceil(text) - slack + sum(({ tokens, isExact: known }) => (known ? tokens : 0)),
    ),
    highTokens: Math.ceil(text) + slack + sum(({ most }) => most),
    method: found === undefined ? 'characters' : 'tokenizer',
    isExact,
    reasons,
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
  };
}

function countText(
  { messages, tools }: RequestPieces,
  { factor, perMessage, base, firstTool, toolFactor }: TokenFamily,
  count: (text: string) => number,
): number {
  const sum = (texts: readonly string[]): number => texts.reduce((total, text) => total + count(text), 0);
  const ofTools = tools.length === 0 ? 0 : sum(tools) * toolFactor + firstTool;
  return (sum(messages) + ofTools) * factor + messages.length * perMessage + base;
}

function findReasons(
  { isPlain, opaque, messages }: RequestPieces,
  { isOwnEncoding = false, exactMessages = 0 }: TokenFamily,
  { images, hasTokenizer }: { readonly images: readonly ImageTokens[]; readonly hasTokenizer: boolean },
): string[] {
  const hasText = messages.some((text) => text !== '');
  return [
    ...(hasText ? [] : ['no text was found where this API has its messages']),
    ...(hasTokenizer ? [] : ['no tokenizer: install gpt-tokenizer']),
    ...(isOwnEncoding ? [] : ['the tokenizer of this model is not published']),
    ...(isOwnEncoding && messages.length > exactMessages
      ? ['what this model adds around messages is not published']
      : []),
    ...(isPlain ? [] : ['how tools and schemas are written into the prompt is not published']),
    ...(images.every(({ isExact }) => isExact) ? [] : ['an image whose size or rule is not known']),
    ...[...new Set(opaque)].map((kind) => `${kind} cannot be counted from outside`),
  ];
}
