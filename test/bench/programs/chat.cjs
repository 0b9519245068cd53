// Calls, not streamed, one after the other: CPU and wall microseconds per call, medians of batches.
const { call, createClient } = require('./client.cjs');
const { cpuMs, median, report, turn } = require('./report.cjs');

/**
 * V8 goes on compiling for some twenty thousand calls, and longer where there is more code (`--trace-opt` tells); what
 * a call costs from then on is measured.
 */
const WARM_UP = 24_000;
const BATCHES = 12;
const BATCH = 500;

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
