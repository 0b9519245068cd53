// One very long stream: the heap after a collection, early and late. Run with --expose-gc.
const { answerStream, createClient, openStream } = require('./client.cjs');
const { report, turn } = require('./report.cjs');

const CHUNKS = 100_000;
const EARLY = 20_000;
const LATE = 90_000;

async function heapBytes() {
  await turn();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

async function main() {
  const client = createClient(answerStream(CHUNKS));
  let seen = 0;
  let early = 0;
  let late = 0;
  for await (const chunk of await openStream(client)) {
    seen += chunk === undefined ? 0 : 1;
    if (seen % 1_000 === 0) await turn();
    if (seen === EARLY) early = await heapBytes();
    if (seen === LATE) late = await heapBytes();
  }
  report({ bytesPerChunk: (late - early) / (LATE - EARLY), calls: 1 });
}

main();
