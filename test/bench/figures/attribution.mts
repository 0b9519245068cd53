import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { readReport, startChild } from '../child.mts';
import { median } from '../quantiles.mts';
import { countRounds } from '../rounds.mts';
import type { CountingSink } from '../sink.mts';
import { formatNumber, formatRange, type Section } from '../table.mts';
import { COSTSPAN, NONE, OTEL_SDK, type Variant } from '../variants.mts';

const ROUNDS = 5;
const WARM_UP = 4_000;
const REQUESTS = 8_000;
const CONNECTIONS = 8;
/** The third row tells how much of it is any asynchronous context at all. */
const VARIANTS = [NONE, COSTSPAN, OTEL_SDK];

/** What following a request costs a plain HTTP service that makes no model call in it. */
export async function measureAttribution(sink: CountingSink): Promise<Section[]> {
  const perRequest = new Map<Variant, number[]>(VARIANTS.map((variant) => [variant, []]));
  for (let round = 0; round < countRounds(ROUNDS); round += 1) {
    for (const variant of VARIANTS) perRequest.get(variant)?.push(await measureServer(variant, sink));
    process.stderr.write('.');
  }
  const bases = perRequest.get(NONE) ?? [];
  return [
    {
      title: 'Attribution: a request to a plain HTTP service',
      method: `Server CPU per request, ${CONNECTIONS} keep-alive connections, ${countRounds(ROUNDS)} interleaved rounds of ${REQUESTS.toLocaleString('en')} requests that make no model call.`,
      head: ['variant', 'CPU µs per request', 'range', 'added µs'],
      rows: [...perRequest].map(([variant, values]) => [
        variant.name === NONE.name ? 'bare service' : variant.name,
        formatNumber(median(values)),
        formatRange(values),
        formatNumber(median(values.map((value, round) => value - (bases[round] ?? Number.NaN)))),
      ]),
      targets: [],
    },
  ];
}

async function measureServer(variant: Variant, sink: CountingSink): Promise<number> {
  const child = startChild(variant, { program: 'server', sink });
  const exited = once(child, 'exit');
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  try {
    const [line] = (await once(child.stdout!.setEncoding('utf8'), 'data')) as [string];
    const request = createRequester(agent, readReport(line).port ?? 0);
    await sendMany(request, WARM_UP);
    const before = Number(await request('/cpu'));
    await sendMany(request, REQUESTS);
    return ((Number(await request('/cpu')) - before) * 1000) / REQUESTS;
  } finally {
    agent.destroy();
    child.kill('SIGTERM');
    await exited;
  }
}

type Requester = (path: string) => Promise<string>;

const createRequester =
  (agent: Agent, port: number): Requester =>
  (path) =>
    new Promise((resolve, reject) => {
      const sent = get({ host: '127.0.0.1', port, path, agent }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => {
          body += text;
        });
        response.on('end', () => resolve(body));
      });
      sent.on('error', reject);
    });

/** As many requests as there are connections are under way at a time. */
async function sendMany(request: Requester, count: number): Promise<void> {
  let left = count;
  const send = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await request('/orders/42');
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, send));
}
