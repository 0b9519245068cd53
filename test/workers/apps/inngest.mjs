// A function of Inngest, over HTTP: a run of two steps, of which each is a request, and one that fails for good.
import { once } from 'node:events';
import { createServer } from 'node:http';

export async function run({ name, load, ask, see }) {
  process.env.INNGEST_DEV = '1';
  const { Inngest } = await load(name);
  const { serve } = await load(`${name}/node`);
  const quiet = { info() {}, warn() {}, error() {}, debug() {} };
  const client = new Inngest({ id: 'shop', logger: quiet, internalLogger: quiet });
  const digest = client.createFunction(
    { id: 'digest', triggers: [{ event: 'shop/closed' }], checkpointing: false, retries: 0 },
    async ({ event, step }) => {
      if (event.data.isBroken) {
        await ask('broken');
        throw new RangeError('application');
      }
      return step.run('write', async () => {
        await ask('write');
        return 'written';
      });
    },
  );
  const server = createServer(serve({ client, functions: [digest] })).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const post = async (runId, steps, data) => {
    const event = { name: 'shop/closed', data };
    const stack = { stack: Object.keys(steps), current: Object.keys(steps).length };
    const ctx = {
      run_id: runId,
      attempt: 0,
      max_attempts: 1,
      disable_immediate_execution: false,
      use_api: false,
      stack,
    };
    const { port } = server.address();
    const answer = await fetch(`http://127.0.0.1:${port}/api/inngest?fnId=shop-digest&stepId=step`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ version: 1, event, events: [event], steps, ctx }),
    });
    return { status: answer.status, body: await answer.json() };
  };
  const first = await post('run-1', {}, {});
  const [{ id, data }] = first.body;
  const last = await post('run-1', { [id]: { type: 'data', data } }, {});
  const failed = await post('run-2', {}, { isBroken: true });
  see(first.status, data, last.status, last.body, failed.status, failed.body.message);
  server.close();
  server.closeAllConnections();
}
