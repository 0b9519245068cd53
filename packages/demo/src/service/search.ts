import type { Request, Response } from 'express';
import { readField } from './field.js';
import { MODELS, openai } from './models.js';
import { findDocuments } from './retrieval.js';

/** POST /search: the nearest documents and a streamed one-line answer. The stream asks for no usage, as most do. */
export async function answerSearch(request: Request, response: Response): Promise<void> {
  const query = readField(request, 'query');
  const documents = await findDocuments(query, 3);
  const stream = await openai.chat.completions.create({
    model: MODELS.triage,
    messages: [
      { role: 'system', content: documents.map(({ text }) => text).join('\n') },
      { role: 'user', content: `In one line: ${query}` },
    ],
    stream: true,
  });
  let line = '';
  for await (const chunk of stream) line += chunk.choices[0]?.delta.content ?? '';
  response.json({ documents: documents.map(({ id }) => id), line });
}
