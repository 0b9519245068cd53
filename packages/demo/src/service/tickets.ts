import { withTask } from '@costspan/api';
import type { Request, Response } from 'express';
import { lookUpOrder, triage, writeAnswer } from './desk.js';
import { readField } from './field.js';
import { findDocuments } from './retrieval.js';

/**
 * POST /tickets/resolve: the one route that says itself what its task is and whether it worked. The answer is 200
 * either way: only the service knows that a ticket it could not resolve was money spent for nothing.
 */
export async function resolveTicket(request: Request, response: Response): Promise<void> {
  const ticket = readField(request, 'ticket');
  const options = {
    id: readField(request, 'id'),
    feature: 'ticket-desk',
    userTier: readField(request, 'tier'),
    tenant: readField(request, 'tenant'),
  };
  const result = await withTask('resolve-ticket', options, async (task) => {
    await triage(ticket);
    const found = await lookUpOrder(ticket);
    if (found === undefined) {
      task.fail('order-not-found');
      return { state: 'escalated' };
    }
    const documents = await findDocuments(ticket, 2);
    const answer = await writeAnswer(ticket, documents, found.findings);
    task.succeed();
    return { state: 'resolved', answer };
  });
  response.json(result);
}
