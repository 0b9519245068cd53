import type { Endpoint } from '../../provider.js';
import { embeddings } from '../openai/embeddings.js';
import { readVoyageAnswer } from './endpoints.js';

/** What Voyage's endpoints are asked and answer by hand, where their names are no other provider's. */
export const voyageByHand: readonly Endpoint[] = ['multimodalembeddings', 'contextualizedembeddings'].map(
  (name) => ({
    ...embeddings,
    name,
    path: new RegExp(`^/${name}$`),
    readResponse: readVoyageAnswer(embeddings),
  }),
);
