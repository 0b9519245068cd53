// A processor with its log and its ledger in the directory that it is given. Asked by its parent, it tells what it takes.
const { setInterval } = require('node:timers');
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { DEFAULT_CONFIG } = require('@costspan/config');
const { boundHeapGrowth, startProcessor } = require('@costspan/processor');

const RSS_EVERY_MS = 100;
const [, , dataDirectory] = process.argv;
const delay = monitorEventLoopDelay({ resolution: 1 });
let peakRssBytes = 0;

async function main() {
  boundHeapGrowth();
  const loopback = { host: '127.0.0.1', port: 0 };
  const running = await startProcessor({
    config: DEFAULT_CONFIG,
    otlpHttp: loopback,
    otlpGrpc: loopback,
    metrics: loopback,
    dataDirectory,
    onError: (error) => console.error(error),
  });
  delay.enable();
  setInterval(() => {
    peakRssBytes = Math.max(peakRssBytes, process.memoryUsage.rss());
  }, RSS_EVERY_MS);
  process.on('message', async (message) => {
    if (message === 'close') {
      await running.close();
      process.exit(0);
    }
    const { user, system } = process.cpuUsage();
    process.send({
      peakRssBytes,
      heapBytes: process.memoryUsage().heapUsed,
      cpuMs: (user + system) / 1_000,
      delayP50Ms: delay.percentile(50) / 1e6,
      delayP99Ms: delay.percentile(99) / 1e6,
      delayMaxMs: delay.max / 1e6,
      openTasks: running.processor.aggregate.openTasks,
    });
    delay.reset();
    peakRssBytes = 0;
  });
  process.send({ otlpHttp: running.otlpHttp, metrics: running.metrics });
}

main();
