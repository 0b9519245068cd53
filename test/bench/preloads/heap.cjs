// Runs with --expose-gc. Each SIGUSR2 collects all garbage and prints what is left as the next event heap-1, heap-2, …
let asked = 0;

process.on('SIGUSR2', () => {
  asked += 1;
  // What the first collection finalizes only the second one lets go.
  globalThis.gc();
  setImmediate(() => {
    globalThis.gc();
    const { heapUsed, external } = process.memoryUsage();
    process.stdout.write(`${JSON.stringify({ event: `heap-${asked}`, bytes: heapUsed + external })}\n`);
  });
});
