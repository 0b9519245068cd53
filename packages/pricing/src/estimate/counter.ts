import { COUNTING_ENDPOINTS } from './providers/index.js';
import { readPieces } from './request.js';
import type { EstimateRequest, TokenEstimate } from './tokens.js';

/** The user's leave to ask a provider, and how. The request goes to that provider, as the call itself would. */
export interface CounterOptions {
  readonly provider: string;
  readonly apiKey: string;
  /** Default: the provider's own. */
  readonly baseUrl?: string;
  readonly fetch?: typeof fetch;
  /** Default 10 s. */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 10_000;

/**
 * Counts with the provider's own endpoint. Nothing is asked before the returned function is called.
 * @throws RangeError for a provider that has no such endpoint; the promise rejects when the provider refuses.
 * @example
 * const count = createProviderCounter({ provider: 'anthropic', apiKey });
 * const tokens = await count({ provider: 'anthropic', model: 'claude-sonnet-5', body });
 */
export function createProviderCounter({
  provider,
  apiKey,
  baseUrl,
  fetch: ask = fetch,
  timeoutMs = DEFAULT_TIMEOUT_MS,
}: CounterOptions): (request: EstimateRequest) => Promise<TokenEstimate> {
  const endpoint = COUNTING_ENDPOINTS.find((known) => known.provider === provider);
  if (endpoint === undefined) {
    const names = COUNTING_ENDPOINTS.map((known) => known.provider).join(', ');
    throw new RangeError(`${provider} has no endpoint that counts tokens; these have: ${names}`);
  }
  return async ({ model, body }) => {
    const response = await ask(new URL(endpoint.path(model), baseUrl ?? endpoint.baseUrl), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...endpoint.headers(apiKey) },
      body: JSON.stringify(endpoint.toBody(model, { ...body })),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>;
    const tokens = endpoint.readTokens(answer);
    if (!response.ok || typeof tokens !== 'number' || !Number.isSafeInteger(tokens) || tokens < 0)
      throw new Error(`${provider} did not count the tokens: status ${response.status}`);
    const { maxOutputTokens } = readPieces(body);
    return {
      inputTokens: tokens,
      lowTokens: tokens,
      highTokens: tokens,
      method: 'provider',
      // Providers call their own count an estimate; it is the best there is.
      isExact: false,
      reasons: ['counted by the provider, which may bill a few tokens more or less'],
      ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    };
  };
}
