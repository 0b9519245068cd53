import {
  createDefaultScript,
  hashText,
  type ProviderRequest,
  type Reply,
  type Script,
} from '@costspan/testkit';
import { LEAVING_MARK } from './plan.js';

/** Keeps the SDK's back-off short, so that the demo does not wait for it. */
const retryAfterMs = 15;

/**
 * The stand-in's moods, the same for the same seed: of a hundred questions six meet a rate limit and four a fault at
 * the first try, and of a hundred answers three meet a model that stays overloaded.
 */
export function createMoods(seed: number): Script {
  const answer = createDefaultScript({ seed });
  return async (request, attempt) => {
    const text = JSON.stringify(request.body);
    const luck = hashText(`${seed}/${text}`) % 100;
    const failure = attempt === 1 ? failOnce(request, luck) : undefined;
    const reply = failOften(request, luck) ?? failure ?? (await answer(request, attempt));
    if (reply.kind !== 'answer') return reply;
    const delayMs = 5 + (luck % 10) * 4;
    // The customer who leaves finds the model in the middle of a sentence.
    if (text.includes(LEAVING_MARK))
      return { ...reply, delivery: { delayMs, interrupt: { after: 7, by: 'hang' } } };
    return { ...reply, delivery: { delayMs, chunkDelayMs: 1 } };
  };
}

function failOnce({ endpoint }: ProviderRequest, luck: number): Reply | undefined {
  if (endpoint === 'embeddings') return undefined;
  if (luck < 6) return { kind: 'error', status: 429, retryAfterMs };
  if (luck < 10) return { kind: 'error', status: 500, retryAfterMs };
  return undefined;
}

function failOften({ endpoint }: ProviderRequest, luck: number): Reply | undefined {
  return endpoint === 'messages' && luck >= 97 ? { kind: 'error', status: 529, retryAfterMs } : undefined;
}
