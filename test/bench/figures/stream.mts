import { median } from '../quantiles.mts';
import { countRounds, medianRatio, type Reading, readAll, runRounds } from '../rounds.mts';
import type { CountingSink } from '../sink.mts';
import { formatNumber, formatRange, type Section } from '../table.mts';
import { BARE_SPAN, COSTSPAN, COSTSPAN_ON_OTEL, NONE, RIVALS, type Variant } from '../variants.mts';

const ROUNDS = 9;
const MEMORY_ROUNDS = 3;
const MAX_RATIO = 1.03;
/** A chunk's own text kept would be more than this; less is the noise of a collection. */
const MAX_BYTES_PER_CHUNK = 2;
const VARIANTS = [NONE, BARE_SPAN, COSTSPAN, COSTSPAN_ON_OTEL, ...RIVALS];

const readCpu: Reading = ({ figures }) => figures.cpuMicroseconds ?? Number.NaN;
const readRecorded: Reading = ({ spans, figures }) => spans / (figures.calls ?? Number.NaN);
const readBytes: Reading = ({ figures }) => figures.bytesPerChunk ?? Number.NaN;

/** CPU of streams of 200 chunks, and the memory of one long stream. */
export async function measureStream(sink: CountingSink): Promise<Section[]> {
  return [await measureCpu(sink), await measureMemory(sink)];
}

async function measureCpu(sink: CountingSink): Promise<Section> {
  const rounds = await runRounds(VARIANTS, ROUNDS, { program: 'stream', sink });
  const ratio = (variant: Variant): number => medianRatio(rounds, { variant, base: NONE }, readCpu);
  return {
    title: 'A stream of 200 chunks: CPU (openai 6.49.0)',
    method: `Sequential streams from a canned body, each chunk its own read; ${countRounds(ROUNDS)} interleaved rounds of 750 streams after 120 and 20,000 short ones to warm up, in fresh processes; the application itself asks for usage, so that all variants see the same chunks.`,
    head: ['variant', 'CPU µs per stream', 'range', 'ratio', 'spans received'],
    rows: VARIANTS.map((variant) => {
      const cpu = readAll(rounds, variant, readCpu);
      return [
        variant.name,
        formatNumber(median(cpu), 0),
        formatRange(cpu, 0),
        formatNumber(ratio(variant), 3),
        `${formatNumber(100 * median(readAll(rounds, variant, readRecorded)), 0)} %`,
      ];
    }),
    targets: [COSTSPAN, COSTSPAN_ON_OTEL].map((variant) => ({
      text: `${variant.name}: ratio ${formatNumber(ratio(variant), 3)}; at most ${MAX_RATIO}`,
      isMet: ratio(variant) <= MAX_RATIO,
    })),
  };
}

async function measureMemory(sink: CountingSink): Promise<Section> {
  const rounds = await runRounds(VARIANTS, MEMORY_ROUNDS, {
    program: 'stream-memory',
    sink,
    nodeFlags: ['--expose-gc'],
  });
  const bytes = (variant: Variant): number => median(readAll(rounds, variant, readBytes));
  return {
    title: 'One stream of 100,000 chunks: memory (openai 6.49.0)',
    method: `Heap after a collection, between chunk 20,000 and chunk 90,000; ${countRounds(MEMORY_ROUNDS)} rounds.`,
    head: ['variant', 'heap bytes per chunk'],
    rows: VARIANTS.map((variant) => [variant.name, formatNumber(bytes(variant), 2)]),
    targets: [
      {
        text: `memory does not grow with the stream: ${formatNumber(bytes(COSTSPAN), 2)} bytes per chunk`,
        isMet: bytes(COSTSPAN) < MAX_BYTES_PER_CHUNK,
      },
    ],
  };
}
