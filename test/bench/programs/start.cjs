// A process that starts and ends: BENCH_START says what it does in between.
const { cpuMs, report } = require('./report.cjs');

// Not `maxRSS`: a forked process starts with the peak of the one that started it.
process.on('exit', () => report({ cpuMs: cpuMs(), rssMb: process.memoryUsage.rss() / 1e6 }));

if (process.env.BENCH_START === 'load') require('./client.cjs').loadSdk();
if (process.env.BENCH_START === 'call') {
  const { call, createClient } = require('./client.cjs');
  // The answer is read, as an application would: an SDK's promise does nothing until somebody asks for its value.
  call(createClient()).then(() => {});
}
