/** An order as the warehouse knows it. */
export interface Order {
  readonly id: string;
  readonly article: string;
  readonly state: 'packed' | 'shipped' | 'delivered' | 'returned';
  readonly carrier: string;
}

const articles = ['tent', 'hiking boots', 'rope', 'headlamp', 'stove', 'backpack'];
const states = ['packed', 'shipped', 'delivered', 'returned'] as const;

/** Orders ORD-1000 to ORD-1099 exist, no other. */
export function findOrder(id: string): Order | undefined {
  const number = Number(/^ORD-(10\d\d)$/.exec(id)?.[1]);
  if (Number.isNaN(number)) return undefined;
  return {
    id,
    article: articles[number % articles.length] ?? 'tent',
    state: states[number % states.length] ?? 'packed',
    carrier: number % 2 === 0 ? 'Red Parcel' : 'Blue Parcel',
  };
}

/** What the model must send to look an order up. */
export const ORDER_QUERY_SCHEMA = {
  type: 'object',
  properties: { order_id: { type: 'string', pattern: '^ORD-[0-9]{4}$' } },
  required: ['order_id'],
  additionalProperties: false,
};
