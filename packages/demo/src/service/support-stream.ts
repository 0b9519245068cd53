import type { Request, Response } from 'express';
import { readField } from './field.js';
import { HANDBOOK } from './handbook.js';
import { anthropic, MODELS } from './models.js';

/** POST /support/stream: the answer as it is written. A customer who leaves stops the model, too. */
export async function streamAnswer(request: Request, response: Response): Promise<void> {
  const stream = anthropic.messages.stream({
    model: MODELS.chat,
    max_tokens: 400,
    system: [{ type: 'text', text: HANDBOOK, cache_control: { type: 'ephemeral' } }],
    messages: [{ role: 'user', content: readField(request, 'question') }],
  });
  response.once('close', () => {
    if (!response.writableFinished) stream.abort();
  });
  try {
    for await (const event of stream) {
      if (event.type !== 'content_block_delta' || event.delta.type !== 'text_delta') continue;
      if (!response.headersSent) response.type('text/event-stream');
      response.write(`data: ${JSON.stringify(event.delta.text)}\n\n`);
    }
    response.end();
  } catch (error) {
    // Nobody is left to be told when the customer has gone; everything else is a failure.
    if (!stream.aborted) throw error;
  }
}
