import type { Request, Response } from 'express';
import { MODELS, openai } from './models.js';
import { findOrder } from './orders.js';

/** POST /orders/:id/summary: the order in one sentence for the staff, by a small reasoning model. */
export async function summarizeOrder(request: Request, response: Response): Promise<void> {
  const order = findOrder(String(request.params.id));
  if (order === undefined) {
    response.status(404).json({ error: 'There is no such order.' });
    return;
  }
  const summary = await openai.responses.create({
    model: MODELS.summary,
    instructions: 'Summarise the order for our staff in one sentence.',
    input: JSON.stringify(order),
  });
  response.json({ summary: summary.output_text });
}
