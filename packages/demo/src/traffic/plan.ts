import { createRandom } from '@costspan/testkit';

/** One request of a customer or of the staff. */
export interface PlannedRequest {
  readonly path: string;
  readonly body: Readonly<Record<string, string>>;
  /** The customer closes the page after the first words. */
  readonly leavesEarly: boolean;
}

/** What the customers who leave early say, so that the stand-in can let them. */
export const LEAVING_MARK = 'I am about to get on a train';

const questions = [
  'Where is my order ORD-{order}? It should be here.',
  'The order ORD-{order} is late, when will it come?',
  'How long does a refund take on my card?',
  'Which size of hiking boots do I need?',
  'Can I change the address of ORD-{order}?',
  'Does the warranty cover the seams of my tent, or is that a refund?',
  'Is this product sent by road only?',
  'Where do I find the invoice?',
];
const queries = ['return label', 'gift voucher', 'gas cartridges', 'price difference', 'repair of a zip'];
const tiers = ['free', 'free', 'free', 'pro'];
const tenants = ['acme', 'globex', 'initech'];

/** Of twenty requests, how many go to which route. */
const mix: readonly (readonly [PlannedRequest['path'], number])[] = [
  ['/support/answer', 6],
  ['/support/stream', 4],
  ['/orders/:id/summary', 4],
  ['/search', 3],
  ['/tickets/resolve', 3],
];

/** The same `count` requests for the same seed, mixed as over a working day. */
export function planTraffic(count: number, seed: number): PlannedRequest[] {
  const random = createRandom(seed);
  const pick = <T>(options: readonly T[]): T => options[Math.floor(random() * options.length)] as T;
  const paths = mix.flatMap(([path, share]) => new Array<string>(share).fill(path));
  return Array.from({ length: count }, (_, index) => {
    const path = paths[index % paths.length] ?? '/search';
    // One order number in ten does not exist.
    const order = random() < 0.1 ? 9000 + Math.floor(random() * 99) : 1000 + Math.floor(random() * 99);
    const text = `[#${seed}-${index}] ${pick(questions).replace('{order}', String(order))}`;
    const leavesEarly = path === '/support/stream' && random() < 0.15;
    return planRequest({ path, index, order, text, leavesEarly, pick });
  });
}

interface Draw {
  readonly path: string;
  readonly index: number;
  readonly order: number;
  readonly text: string;
  readonly leavesEarly: boolean;
  readonly pick: <T>(options: readonly T[]) => T;
}

function planRequest({ path, index, order, text, leavesEarly, pick }: Draw): PlannedRequest {
  switch (path) {
    case '/orders/:id/summary':
      return { path: `/orders/ORD-${order}/summary`, body: {}, leavesEarly };
    case '/search':
      return { path, body: { query: `${pick(queries)} ${index}` }, leavesEarly };
    case '/tickets/resolve':
      return {
        path,
        body: {
          id: `ticket-${index}`,
          ticket: `${text} See order ORD-${order}.`,
          tier: pick(tiers),
          tenant: pick(tenants),
        },
        leavesEarly,
      };
    default:
      return { path, body: { question: leavesEarly ? `${text} ${LEAVING_MARK}.` : text }, leavesEarly };
  }
}
