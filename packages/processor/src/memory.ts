import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from 'node:v8';

const MB = 1024 * 1024;

/** A heap may grow to this before it is collected: below it memory is cheaper than collections are. */
const HEAP_TARGET_BYTES = 120 * MB;
/** By how much the heap may grow beyond what was in use after a collection before the next one, per cent. */
const GROWTH_PERCENT = { MIN: 25, MAX: 100 };
/** Both halves of the space in which objects are born: V8 would let it grow to 128 MB. */
const MAX_NEW_SPACE_BYTES = 16 * MB;
/** The same of a thread. With 16 more is resident, for no CPU to speak of. */
const THREAD_NEW_SPACE_BYTES = 12 * MB;

/**
 * Keeps the memory of the process near what it has in use: by itself V8 lets a heap of some hundred megabytes double
 * and more before it collects, and a processor keeps hundreds of thousands of tasks. A large heap is therefore collected
 * sooner; held to that as well, a small one would spend half of the processor's time on collections.
 */
export function boundHeapGrowth(): void {
  // What waits for the disk survives a collection or two. V8 would take all of its kind for long-lived and make it
  // where only whole collections look, although nearly nothing of it is.
  setFlagsFromString('--no-allocation-site-pretenuring');
  // By how much it grows is one number for all threads: the space of one that starts later would stay at the 2 MB that it
  // begins with, and be collected in the middle of each body.
  setFlagsFromString(`--min-semi-space-size=${THREAD_NEW_SPACE_BYTES / 2 / MB}`);
  const boundOld = boundOldSpace();
  const boundNew = boundNewSpace();
  boundOld();
  boundNew();
  new PerformanceObserver((list) => {
    boundNew();
    // Between two whole collections what is in use and what is garbage cannot be told apart.
    if (list.getEntries().some(isWhole)) boundOld();
  }).observe({ entryTypes: ['gc'] });
}

const isWhole = (entry: PerformanceEntry): boolean =>
  (entry as { detail?: { kind?: number } }).detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR;

function boundOldSpace(): () => void {
  let percent: number | undefined;
  return () => {
    const usedBytes = getHeapStatistics().used_heap_size;
    const room = (100 * (HEAP_TARGET_BYTES - usedBytes)) / usedBytes;
    const { MIN, MAX } = GROWTH_PERCENT;
    // In coarse steps, since a flag is not free to set.
    const next = Math.round(Math.min(MAX, Math.max(MIN, room)) / MIN) * MIN;
    if (next !== percent) setFlagsFromString(`--heap-growing-percent=${next}`);
    percent = next;
  };
}

/** The largest size is read once, at the start of a process; by how much the space grows is asked each time. */
function boundNewSpace(): () => void {
  let isLarge: boolean | undefined;
  return () => {
    const wasLarge = isLarge;
    isLarge = readNewSpaceBytes() >= MAX_NEW_SPACE_BYTES;
    if (isLarge !== wasLarge) setFlagsFromString(`--semi-space-growth-factor=${isLarge ? 1 : 2}`);
  };
}

const readNewSpaceBytes = (): number =>
  getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0;
