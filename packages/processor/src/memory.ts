import { setFlagsFromString } from 'node:v8';

/** By how much the heap may grow beyond what was in use after a collection before the next one, per cent. */
const HEAP_GROWTH_PERCENT = 25;

/**
 * Keeps the memory of the process near what it has in use: by itself V8 lets a heap of some hundred megabytes double
 * and more before it collects, and a processor keeps hundreds of thousands of tasks. It costs some collections more.
 */
export const boundHeapGrowth = (): void =>
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH_PERCENT}`);
