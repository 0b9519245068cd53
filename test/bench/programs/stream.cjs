// Streams of 200 chunks, one after the other: CPU microseconds per stream, median of batches.
const { answerStream, createClient, openStream } = require('./client.cjs');
const { cpuMs, median, report, turn } = require('./report.cjs');

const CHUNKS = 200;
/** Streams of a few chunks: the code that runs once a stream has to be compiled as well, as that of a call. */
const SHORT_CHUNKS = 3;
const SHORT_WARM_UP = 20_000;
const WARM_UP = 120;
const BATCHES = 30;
const BATCH = 25;

async function run(client, count) {
  let chunks = 0;
  for (let index = 0; index < count; index += 1) {
    for await (const chunk of await openStream(client)) chunks += chunk === undefined ? 0 : 1;
    await turn();
  }
  return chunks;
}

async function main() {
  const client = createClient(answerStream(CHUNKS));
  await run(createClient(answerStream(SHORT_CHUNKS)), SHORT_WARM_UP);
  await run(client, WARM_UP);
  const cpu = [];
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const cpuStart = cpuMs();
    await run(client, BATCH);
    cpu.push(((cpuMs() - cpuStart) * 1000) / BATCH);
  }
  report({ cpuMicroseconds: median(cpu), calls: SHORT_WARM_UP + WARM_UP + BATCHES * BATCH });
}

main();
