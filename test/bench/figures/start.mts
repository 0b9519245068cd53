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
import { formatNumber, formatRange, type Section, type Target } from '../table.mts';
import { BARE_SPAN, COSTSPAN, NONE, OTEL_SDK, RIVALS, type Variant } from '../variants.mts';

const ROUNDS = 15;
/** Milliseconds that a process without any LLM SDK may take longer. */
const MAX_ADDED_MS = 30;

const readWall: Reading = ({ wallMs }) => wallMs;
const readCpu: Reading = ({ figures }) => figures.cpuMs ?? Number.NaN;
const readRss: Reading = ({ figures }) => figures.rssMb ?? Number.NaN;
const readSpans: Reading = ({ spans }) => spans;

/** What a process takes from its start to its end: with the SDK loaded, with one call, and without any SDK. */
export async function measureStart(sink: CountingSink): Promise<Section[]> {
  const sections: Section[] = [];
  for (const { kind, title, byHand } of [
    { kind: 'load', title: 'requires openai 6.49.0 and ends', byHand: OTEL_SDK },
    { kind: 'call', title: 'makes one call with openai 6.49.0 and ends', byHand: BARE_SPAN },
    { kind: 'none', title: 'loads no LLM SDK', byHand: OTEL_SDK },
  ]) {
    const variants = [NONE, byHand, COSTSPAN, ...RIVALS];
    const rounds = await runRounds(variants, ROUNDS, { program: 'start', sink, env: { BENCH_START: kind } });
    const targets = kind === 'none' ? [addedTarget(rounds)] : comparedTargets(rounds, byHand);
    sections.push(describe(title, rounds, targets));
  }
  return sections;
}

function describe(title: string, rounds: Rounds, targets: readonly Target[]): Section {
  return {
    title: `Cold start: a process that ${title}`,
    method: `From the start of the process to its end, ${countRounds(ROUNDS)} interleaved rounds; RSS is read at the exit.`,
    head: ['variant', 'ms to exit', 'range', 'added ms', 'ratio', 'CPU ms', 'RSS MB', 'spans received'],
    rows: [...rounds.keys()].map((variant) => {
      const wall = readAll(rounds, variant, readWall);
      return [
        variant.name,
        formatNumber(median(wall), 0),
        formatRange(wall, 0),
        formatNumber(medianAdded(rounds, { variant, base: NONE }, readWall), 0),
        formatNumber(medianRatio(rounds, { variant, base: NONE }, readWall), 2),
        formatNumber(median(readAll(rounds, variant, readCpu)), 0),
        formatNumber(median(readAll(rounds, variant, readRss)), 0),
        formatNumber(median(readAll(rounds, variant, readSpans)), 0),
      ];
    }),
    targets,
  };
}

function comparedTargets(rounds: Rounds, byHand: Variant): Target[] {
  return [
    { unit: 'ms', read: readWall },
    { unit: 'MB', read: readRss },
  ].map(({ unit, read }) => {
    const [ours, theirs] = [COSTSPAN, byHand].map((variant) =>
      formatNumber(median(readAll(rounds, variant, read)), 0),
    );
    const ratio = medianRatio(rounds, { variant: COSTSPAN, base: byHand }, read);
    return {
      text: `costspan takes ${ours} ${unit}, an OpenTelemetry SDK by hand ${theirs} ${unit}; ratio in the same round ${formatNumber(ratio, 2)}, at most 1`,
      isMet: ratio <= 1,
    };
  });
}

function addedTarget(rounds: Rounds): Target {
  const added = medianAdded(rounds, { variant: COSTSPAN, base: NONE }, readWall);
  return {
    text: `costspan adds ${formatNumber(added, 1)} ms; at most ${MAX_ADDED_MS} ms`,
    isMet: added <= MAX_ADDED_MS,
  };
}
