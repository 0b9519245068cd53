// The heap after a collection, after 20,000 calls and after 120,000. Run with --expose-gc.
const { setTimeout: sleep } = require('node:timers/promises');
const { call, createClient } = require('./client.cjs');
const { report, turn } = require('./report.cjs');

const EARLY = 20_000;
const MORE = 100_000;
/** Longer than every exporter's delay: what is only queued is no leak. */
const DRAIN_MS = 6_000;

async function run(client, count) {
  for (let index = 0; index < count; index += 1) {
    await call(client);
    if (index % 10 === 9) await turn();
  }
}

async function heapBytes() {
  await sleep(DRAIN_MS);
  globalThis.gc();
  await turn();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

async function main() {
  const client = createClient();
  await run(client, EARLY);
  const early = await heapBytes();
  await run(client, MORE);
  const late = await heapBytes();
  report({
    earlyMb: early / 1e6,
    lateMb: late / 1e6,
    bytesPerCall: (late - early) / MORE,
    calls: EARLY + MORE,
  });
}

main();
