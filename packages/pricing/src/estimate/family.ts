import type { ImagePart } from './request.js';

/** How one family of models counts; a provider author fills this in and adds it to providers/index.ts. */
export interface TokenFamily {
  /** Providers whose models it is for, and which of them; all where no pattern is given. */
  readonly providers: readonly string[];
  readonly models?: RegExp;
  /** Byte-pair encoding that `gpt-tokenizer` has for it. */
  readonly encoding?: 'o200k_base' | 'cl100k_base';
  /** Whether that encoding is the model's own, not the nearest of another maker. */
  readonly isOwnEncoding?: boolean;
  /** Tokens of this family for one of `encoding`, or of the estimate from characters, which is made for it. */
  readonly factor: number;
  /** Share by which an estimate may be off, either way, and tokens beside it: found on recorded requests. */
  readonly errorRatio: number;
  readonly errorTokens: number;
  /** Tokens around every message, and around the whole. */
  readonly perMessage: number;
  readonly base: number;
  /** Tokens that the first tool brings beside its definition, those of a definition by those of its JSON, and how far off both may be. */
  readonly firstTool: number;
  readonly toolFactor: number;
  readonly toolErrorTokens: number;
  /** Up to so many messages of plain text the count was the provider's own on recorded requests. Default none. */
  readonly exactMessages?: number;
  /** Tokens of an image: as it is, or where its size is not known, and the most that it can be. */
  countImage(image: ImagePart, model: string): ImageTokens;
}

/** Tokens of one image. */
export interface ImageTokens {
  readonly tokens: number;
  readonly most: number;
  /** Whether the provider documents the rule, and the size is known. */
  readonly isExact: boolean;
}

/** The endpoint with which a provider counts the tokens of a request, free of charge. */
export interface CountingEndpoint {
  readonly provider: string;
  readonly baseUrl: string;
  path(model: string): string;
  headers(apiKey: string): Readonly<Record<string, string>>;
  /** The body of the question, from the body of the call. */
  toBody(model: string, body: Readonly<Record<string, unknown>>): unknown;
  readTokens(answer: Readonly<Record<string, unknown>>): unknown;
}

/** The fields of an object that are there. */
export const pickFields = (
  body: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Record<string, unknown> =>
  Object.fromEntries(names.flatMap((name) => (body[name] === undefined ? [] : [[name, body[name]]])));
