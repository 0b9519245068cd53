import { DOCUMENTS, type Document } from './documents.js';
import { MODELS, openai } from './models.js';

interface IndexedDocument extends Document {
  readonly vector: readonly number[];
}

let index: readonly IndexedDocument[] = [];

/** Embeds the help centre once, at start. */
export async function indexDocuments(): Promise<void> {
  const vectors = await embed(DOCUMENTS.map(({ text }) => text));
  index = DOCUMENTS.map((document, position) => ({ ...document, vector: vectors[position] ?? [] }));
}

/** The `count` documents nearest to the question. */
export async function findDocuments(question: string, count: number): Promise<readonly Document[]> {
  const [vector] = await embed([question]);
  return index
    .map((document) => ({ document, score: dot(document.vector, vector ?? []) }))
    .sort((left, right) => right.score - left.score)
    .slice(0, count)
    .map(({ document }) => ({ id: document.id, text: document.text }));
}

async function embed(input: string[]): Promise<number[][]> {
  const { data } = await openai.embeddings.create({ model: MODELS.embedding, input });
  return data.map(({ embedding }) => embedding);
}

function dot(left: readonly number[], right: readonly number[]): number {
  return left.reduce((sum, value, position) => sum + value * (right[position] ?? 0), 0);
}
