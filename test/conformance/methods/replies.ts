/** What the stand-in answers to each scenario of a family: it finds the scenario in the path. */
import type { BytesReply, Reply, Script } from '@costspan/testkit';
import type { EndpointPlan, Family, StreamReply, WholeReply } from './family.ts';

const SCENARIO = /\/at\/([^/]+)\/([^/]+)/;
/** Long enough that the application acts while the stream is under way. */
const SLOW_MS = 12;

/** Finds endpoint and scenario of a request. */
export function createScript(family: Family): Script {
  const numbers = new Map<string, number>();
  return ({ path }) => {
    const [, endpoint = '', scenario = ''] = SCENARIO.exec(decodeURIComponent(path)) ?? [];
    const plan = family.endpoints[endpoint];
    if (plan === undefined) throw new Error(`no endpoint ${endpoint} of ${family.name} in ${path}`);
    const name = `${endpoint}/${scenario}`;
    const number = numbers.get(name) ?? 0;
    numbers.set(name, number + 1);
    return reply(family, plan, { scenario, number });
  };
}

function reply(
  family: Family,
  plan: EndpointPlan,
  { scenario, number }: { scenario: string; number: number },
): Reply {
  const own = plan.scenarios?.[scenario]?.replies;
  if (own !== undefined) return render(own[Math.min(number, own.length - 1)]!);
  const status = /status-(\d+)/.exec(scenario)?.[1];
  if (status !== undefined) return { ...render(family.writeError(Number(status))), status: Number(status) };
  const odd = ODD[scenario];
  if (odd !== undefined) return { ...render({ ...plan.whole, body: odd }) };
  if (scenario === 'connection-reset') return { kind: 'reset' };
  if (scenario === 'abort-waiting') return { kind: 'hang' };
  if (!scenario.startsWith('stream')) return render(plan.whole);
  return renderStream(plan, scenario);
}

/** Bodies that are no answers. */
const ODD: Readonly<Record<string, string>> = {
  'malformed-json': '{"id":"cut-in-the-mid',
  'odd-empty-object': '{}',
  'odd-null': 'null',
  'odd-array': '[]',
  'odd-wrong-types':
    '{"id":7,"model":{},"message":"x","candidates":{},"usage":"many","usageMetadata":[],"output":3,"meta":1}',
};

function render(sent: WholeReply | StreamReply): BytesReply {
  const chunks = 'body' in sent ? [sent.body] : sent.events;
  const status = 'status' in sent && sent.status !== undefined ? { status: sent.status } : {};
  return { kind: 'bytes', headers: sent.headers, chunks, ...status };
}

function renderStream({ stream, eventsOfTwoChunks = 2 }: EndpointPlan, scenario: string): Reply {
  const cut = /^stream-cut-(\d+)$/.exec(scenario)?.[1];
  const whole = render(stream!);
  if (cut !== undefined) {
    return { ...whole, delivery: { chunkDelayMs: 4, interrupt: { after: Number(cut), by: 'reset' } } };
  }
  if (scenario === 'stream-abort-inside') {
    // The rest never comes, so that the abort is what the application meets next, on a busy machine too.
    return { ...whole, delivery: { interrupt: { after: eventsOfTwoChunks, by: 'hang' } } };
  }
  if (scenario === 'stream-ended-early') {
    return { ...whole, delivery: { chunkDelayMs: 4, interrupt: { after: 1, by: 'end' } } };
  }
  return { ...whole, delivery: { chunkDelayMs: SLOW_MS } };
}
