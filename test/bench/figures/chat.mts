import { median } from '../quantiles.mts';
import {
  countRounds,
  medianAdded,
  medianRatio,
  type Reading,
  type Rounds,
  readAll,
  runRounds,
} from '../rounds.mts';
import type { CountingSink } from '../sink.mts';
import { formatNumber, formatRange, type Section } from '../table.mts';
import { BARE_SPAN, COSTSPAN, COSTSPAN_ON_OTEL, NONE, RIVALS, type Variant } from '../variants.mts';

const ROUNDS = 9;
/** Microseconds that costspan may take beyond a span by hand. */
const ALLOWANCE_MICROSECONDS = 8;

const OWN_SPANS_NOTE =
  ' This SDK emits spans of its own where a tracer provider is registered: the span by hand pays for both, under costspan they yield.';

const readCpu: Reading = ({ figures }) => figures.cpuMicroseconds ?? Number.NaN;
const readWall: Reading = ({ figures }) => figures.wallMicroseconds ?? Number.NaN;
const readRecorded: Reading = ({ spans, figures }) => spans / (figures.calls ?? Number.NaN);

/** What one call costs, not streamed, for each SDK. */
export async function measureChat(sink: CountingSink): Promise<Section[]> {
  const sections: Section[] = [];
  for (const [sdk, title, rivals] of [
    ['openai', 'openai 6.49.0', RIVALS],
    ['openai-7', 'openai 7.57.0', []],
    ['anthropic', '@anthropic-ai/sdk 1.12.0', []],
  ] as const) {
    const variants = [NONE, BARE_SPAN, COSTSPAN, COSTSPAN_ON_OTEL, ...rivals];
    const rounds = await runRounds(variants, ROUNDS, { program: 'chat', sink, env: { BENCH_SDK: sdk } });
    const note = sdk === 'anthropic' ? OWN_SPANS_NOTE : '';
    sections.push(describe({ title, note }, rounds, rivals));
  }
  return sections;
}

function describe(
  { title, note }: { title: string; note: string },
  rounds: Rounds,
  rivals: readonly Variant[],
): Section {
  const added = (variant: Variant): number => medianAdded(rounds, { variant, base: NONE }, readCpu);
  const row = (variant: Variant): string[] => {
    const cpu = readAll(rounds, variant, readCpu);
    return [
      variant.name,
      formatNumber(median(cpu)),
      formatRange(cpu),
      formatNumber(added(variant)),
      formatNumber(medianRatio(rounds, { variant, base: NONE }, readCpu), 2),
      formatNumber(median(readAll(rounds, variant, readWall))),
      `${formatNumber(100 * median(readAll(rounds, variant, readRecorded)), 0)} %`,
    ];
  };
  const over = (variant: Variant): number => medianAdded(rounds, { variant, base: BARE_SPAN }, readCpu);
  const rivalsAdded = rivals.map(added);
  return {
    title: `A chat call, not streamed: ${title}`,
    method: `Sequential calls with canned answers, ${countRounds(ROUNDS)} interleaved rounds of 6,000 calls after 24,000 to warm up, in fresh processes; CPU of all threads of the process, medians. "Added" and "ratio" are medians of the per-round comparison with the bare SDK.${note}`,
    head: ['variant', 'CPU µs per call', 'range', 'added µs', 'ratio', 'wall µs', 'spans received'],
    rows: [...rounds.keys()].map(row),
    targets: [
      ...[COSTSPAN, COSTSPAN_ON_OTEL].map((variant) => ({
        text: `${variant.name} takes ${formatNumber(over(variant))} µs more than a span by hand; at most ${ALLOWANCE_MICROSECONDS} µs`,
        isMet: over(variant) <= ALLOWANCE_MICROSECONDS,
      })),
      ...(rivals.length === 0
        ? []
        : [
            {
              text: `costspan adds ${formatNumber(added(COSTSPAN))} µs, less than every rival (the leanest adds ${formatNumber(Math.min(...rivalsAdded))} µs)`,
              isMet: added(COSTSPAN) < Math.min(...rivalsAdded),
            },
          ]),
    ],
  };
}
