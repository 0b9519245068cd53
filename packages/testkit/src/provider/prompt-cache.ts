import { type JsonObject, readArray, readObject } from '../json.js';
import { readTurns } from './conversation.js';
import { hashText } from './random.js';
import type { ProviderRequest } from './request.js';

/** How the input of one request splits between the caches. */
export interface CacheCounts {
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly cacheWrite1hTokens: number;
}

/** Both providers cache nothing shorter than this. */
const minCachedTokens = 1024;

/** A rough but fixed count: four characters are a token. */
export function countTokens(text: string): number {
  return Math.ceil(text.length / 4);
}

/** Keeps the prompt caches of one stand-in: explicit breakpoints for Anthropic, automatic prefixes for OpenAI. */
export class PromptCache {
  readonly #seen = new Set<string>();

  count(request: ProviderRequest): CacheCounts {
    return request.provider === 'anthropic' ? this.#countBreakpoints(request) : this.#countPrefix(request);
  }

  #remember(request: ProviderRequest, prefix: string): boolean {
    const key = `${request.model}/${hashText(prefix)}/${prefix.length}`;
    const isKnown = this.#seen.has(key);
    this.#seen.add(key);
    return isKnown;
  }

  /** Reads up to the longest known breakpoint and writes from there to the last one. */
  #countBreakpoints(request: ProviderRequest): CacheCounts {
    const blocks = readBlocks(request);
    let text = '';
    let read = 0;
    let written = 0;
    let written1h = 0;
    for (const block of blocks) {
      text += JSON.stringify({ ...block, cache_control: undefined });
      const control = readObject(block.cache_control);
      const tokens = countTokens(text);
      if (control.type !== 'ephemeral' || tokens < minCachedTokens) continue;
      const known = read + written + written1h;
      if (this.#remember(request, text)) {
        read = tokens;
        written = 0;
        written1h = 0;
      } else if (control.ttl === '1h') written1h += tokens - known;
      else written += tokens - known;
    }
    return {
      inputTokens: countTokens(text),
      cacheReadTokens: read,
      cacheWriteTokens: written,
      cacheWrite1hTokens: written1h,
    };
  }

  /** The first turn (the system prompt) is cached from its second use on, in steps of 128 tokens. */
  #countPrefix(request: ProviderRequest): CacheCounts {
    const { body } = request;
    const turns = readTurns(request);
    const prefix = JSON.stringify([body.tools, body.instructions, turns[0]]);
    const inputTokens = countTokens(JSON.stringify([body.tools, body.instructions, turns]));
    const prefixTokens = Math.min(countTokens(prefix), inputTokens);
    const isHit = prefixTokens >= minCachedTokens && this.#remember(request, prefix);
    return {
      inputTokens,
      cacheReadTokens: isHit ? Math.floor(prefixTokens / 128) * 128 : 0,
      cacheWriteTokens: 0,
      cacheWrite1hTokens: 0,
    };
  }
}

/** Anthropic's order of the prompt: tools, system, messages. A plain string is one block. */
function readBlocks(request: ProviderRequest): JsonObject[] {
  const { body } = request;
  const system =
    typeof body.system === 'string' ? [{ type: 'text', text: body.system }] : readArray(body.system);
  const messages = readTurns(request).flatMap((turn) => {
    const { role, content } = readObject(turn);
    const parts = typeof content === 'string' ? [{ type: 'text', text: content }] : readArray(content);
    return parts.map((part) => ({ role, ...readObject(part) }));
  });
  return [...readArray(body.tools), ...system, ...messages].map(readObject);
}
