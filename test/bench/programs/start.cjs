// A process that starts and ends: BENCH_START says what it does in between.
const { cpuMs, report } = require('./report.cjs');

process.on('exit', () => report({ cpuMs: cpuMs(), rssMb: process.resourceUsage().maxRSS / 1024 }));

if (process.env.BENCH_START === 'load') require('./client.cjs').loadSdk();
if (process.env.BENCH_START === 'call') {
  const { call, createClient } = require('./client.cjs');
  // The answer is read, as an application would: an SDK's promise does nothing until somebody asks for its value.
  call(createClient()).then(() => {});
}
