// Calls, not streamed, one after the other: CPU and wall microseconds per call, medians of batches.
const { call, createClient } = require('./client.cjs');
const { cpuMs, median, report, turn } = require('./report.cjs');

const WARM_UP = 4_000;
const BATCHES = 8;
const BATCH = 1_000;

async function run(client, count) {
  for (let index = 0; index < count; index += 1) {
    await call(client);
    if (index % 10 === 9) await turn();
  }
}

async function main() {
  const client = createClient();
  await run(client, WARM_UP);
  const cpu = [];
  const wall = [];
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const [cpuStart, wallStart] = [cpuMs(), performance.now()];
    await run(client, BATCH);
    cpu.push(((cpuMs() - cpuStart) * 1000) / BATCH);
    wall.push(((performance.now() - wallStart) * 1000) / BATCH);
  }
  report({ cpuMicroseconds: median(cpu), wallMicroseconds: median(wall), calls: WARM_UP + BATCHES * BATCH });
}

main();
