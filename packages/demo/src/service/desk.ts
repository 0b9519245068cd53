import { zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import type { Document } from './documents.js';
import { HANDBOOK } from './handbook.js';
import { anthropic, MODELS, openai } from './models.js';
import { findOrder, ORDER_QUERY_SCHEMA, type Order } from './orders.js';

const Triage = z.object({ topic: z.enum(['order', 'refund', 'product', 'other']), urgent: z.boolean() });

/** Sorts a question with the cheap model. */
export async function triage(question: string): Promise<z.infer<typeof Triage>> {
  const completion = await openai.chat.completions.parse({
    model: MODELS.triage,
    messages: [
      { role: 'system', content: 'Sort the customer question by topic: order, refund, product or other.' },
      { role: 'user', content: question },
    ],
    response_format: zodResponseFormat(Triage, 'triage'),
  });
  return completion.choices[0]?.message.parsed ?? { topic: 'other', urgent: false };
}

/** Lets the model look the order up with a tool; `undefined` when there is no such order. */
export async function lookUpOrder(question: string): Promise<{ order: Order; findings: string } | undefined> {
  let order: Order | undefined;
  const runner = openai.chat.completions.runTools({
    model: MODELS.tools,
    messages: [
      { role: 'system', content: 'Look the order up and say in one sentence where it is.' },
      { role: 'user', content: question },
    ],
    tools: [
      {
        type: 'function',
        function: {
          name: 'lookup_order',
          description: 'Looks an order up in the warehouse by its number',
          parameters: ORDER_QUERY_SCHEMA,
          parse: (text: string) => z.object({ order_id: z.string() }).parse(JSON.parse(text)),
          function: ({ order_id }: { order_id: string }) => {
            order = findOrder(order_id);
            return order ?? { error: 'no such order' };
          },
        },
      },
    ],
  });
  const findings = await runner.finalContent();
  return order === undefined ? undefined : { order, findings: findings ?? '' };
}

/** Writes the answer with the dear model; the handbook is cached at the provider. */
export async function writeAnswer(
  question: string,
  documents: readonly Document[],
  findings: string,
): Promise<string> {
  const facts = documents.map(({ id, text }) => `<document id="${id}">${text}</document>`).join('\n');
  const message = await anthropic.messages.create({
    model: MODELS.answer,
    max_tokens: 600,
    system: [{ type: 'text', text: HANDBOOK, cache_control: { type: 'ephemeral' } }],
    messages: [{ role: 'user', content: `${facts}\n${findings}\nQuestion: ${question}` }],
  });
  return message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
}
