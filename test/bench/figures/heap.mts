import { median } from '../quantiles.mts';
import { countRounds, type Reading, readAll, runRounds } from '../rounds.mts';
import type { CountingSink } from '../sink.mts';
import { formatNumber, type Section } from '../table.mts';
import { BARE_SPAN, COSTSPAN, COSTSPAN_ON_OTEL, NONE } from '../variants.mts';

const ROUNDS = 1;
/** Ten bytes a call are a megabyte after 100,000: nothing that a call leaves behind is that small. */
const MAX_BYTES_PER_CALL = 10;
const VARIANTS = [NONE, BARE_SPAN, COSTSPAN, COSTSPAN_ON_OTEL];

const readFigure =
  (name: string): Reading =>
  ({ figures }) =>
    figures[name] ?? Number.NaN;

/** Whether anything of a call stays behind. */
export async function measureHeap(sink: CountingSink): Promise<Section[]> {
  const rounds = await runRounds(VARIANTS, ROUNDS, { program: 'heap', sink, nodeFlags: ['--expose-gc'] });
  const figure = (variant: (typeof VARIANTS)[number], name: string): number =>
    median(readAll(rounds, variant, readFigure(name)));
  const bytesPerCall = figure(COSTSPAN, 'bytesPerCall');
  return [
    {
      title: 'Heap over 100,000 calls (openai 6.49.0)',
      method: `Heap after a collection, with the exporters drained, after 20,000 calls and after 100,000 more; ${countRounds(ROUNDS)} run(s), since a leak is no matter of noise.`,
      head: ['variant', 'MB after 20,000', 'MB after 120,000', 'bytes per call'],
      rows: VARIANTS.map((variant) => [
        variant.name,
        formatNumber(figure(variant, 'earlyMb'), 2),
        formatNumber(figure(variant, 'lateMb'), 2),
        formatNumber(figure(variant, 'bytesPerCall'), 2),
      ]),
      targets: [
        {
          text: `flat: ${formatNumber(bytesPerCall, 2)} bytes per call`,
          isMet: bytesPerCall < MAX_BYTES_PER_CALL,
        },
      ],
    },
  ];
}
