import type { Request, Response } from 'express';
import { lookUpOrder, triage, writeAnswer } from './desk.js';
import { readField } from './field.js';
import { findDocuments } from './retrieval.js';

/** POST /support/answer: triage, retrieval, tool loop where an order is meant, answer. 404 for an unknown order. */
export async function answerQuestion(request: Request, response: Response): Promise<void> {
  const question = readField(request, 'question');
  const [{ topic, urgent }, documents] = await Promise.all([triage(question), findDocuments(question, 2)]);
  let findings = '';
  if (topic === 'order') {
    const found = await lookUpOrder(question);
    if (found === undefined) {
      response.status(404).json({ error: 'There is no such order.' });
      return;
    }
    findings = `The order is ${found.order.state} with ${found.order.carrier}. ${found.findings}`;
  }
  response.json({ topic, urgent, answer: await writeAnswer(question, documents, findings) });
}
