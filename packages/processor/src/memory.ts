import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** By how much the heap may grow beyond what was in use after a collection before the next one, per cent. */
const HEAP_GROWTH_PERCENT = 25;
/** Both halves of the space in which objects are born: V8 would let it grow to 128 MB. */
const MAX_NEW_SPACE_BYTES = 64 * 1024 * 1024;

/**
 * Keeps the memory of the process near what it has in use: by itself V8 lets a heap of some hundred megabytes double
 * and more before it collects, and a processor keeps hundreds of thousands of tasks. It costs some collections more.
 */
export function boundHeapGrowth(): void {
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH_PERCENT}`);
  // The largest size is read once, at the start of a process; by how much the space grows is asked each time.
  let isLarge: boolean | undefined;
  const bound = () => {
    const wasLarge = isLarge;
    isLarge = readNewSpaceBytes() >= MAX_NEW_SPACE_BYTES;
    if (isLarge !== wasLarge) setFlagsFromString(`--semi-space-growth-factor=${isLarge ? 1 : 2}`);
  };
  bound();
  new PerformanceObserver(bound).observe({ entryTypes: ['gc'] });
}

const readNewSpaceBytes = (): number =>
  getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0;
