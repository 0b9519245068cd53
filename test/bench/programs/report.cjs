const { writeSync } = require('node:fs');

/** One line that the runner reads; everything else on standard output is somebody's chatter. */
exports.report = (figures) => writeSync(1, `\n${JSON.stringify({ bench: figures })}\n`);

/** Lets timers and sockets have their turn, as any real answer from a network would. */
exports.turn = () => new Promise((resolve) => setImmediate(resolve));

/** Milliseconds of CPU that this process has used, all of its threads. */
exports.cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

exports.median = (values) => {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)];
};
