import { get } from 'node:http';
import { percentile } from '../quantiles.mts';
import { type LoadReport, OtlpLoad } from '../state/load.mts';
import { MeasuredProcessor } from '../state/processor.mts';
import { formatNumber, type Section } from '../table.mts';

const OPEN_TASKS = 200_000;
/** Some 20,000 and 50,000 lines of an exposition. */
const STATE_LABELS = { features: 118, models: 1 };
const SCRAPE_LABELS = { features: 167, models: 3 };
const STRETCH_SECONDS = Number(process.env.BENCH_SECONDS) || 60;
const SCRAPES = 20;
const MB = 1e6;

interface Scrape {
  readonly lines: number;
  readonly ms: number;
  readonly bytes: number;
  readonly keptAt: number;
}

const scrape = (origin: string): Promise<Scrape> =>
  new Promise((resolve, reject) => {
    const startMs = performance.now();
    const headers = { 'x-prometheus-scrape-timeout-seconds': '10' };
    get(`${origin}/metrics`, { headers, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.once('end', () => {
        const ms = performance.now() - startMs;
        const text = Buffer.concat(parts).toString();
        const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
        const keptAt = Number(/^costspan_processor_state_kept\S* (\S+)$/m.exec(text)?.[1] ?? 0);
        resolve({ lines, ms, bytes: text.length, keptAt });
      });
    }).once('error', reject);
  });

/** Half of what it takes at full speed, measured on the way to the wanted state. */
async function fill(load: OtlpLoad, openTasks: number): Promise<number> {
  let [spans, seconds] = [0, 0];
  while (load.openTasks < openTasks) {
    const report = await load.run(2);
    spans += report.spans;
    seconds += report.seconds;
  }
  return Math.round(spans / seconds / 2);
}

export const measureState = async (): Promise<Section[]> => [await measureOpen(), await measureScrapes()];

async function measureOpen(): Promise<Section> {
  const processor = await MeasuredProcessor.start();
  const load = new OtlpLoad({
    origin: processor.otlpHttp,
    ...STATE_LABELS,
    openTasks: OPEN_TASKS,
  });
  try {
    await scrape(processor.metrics);
    const rate = await fill(load, OPEN_TASKS);
    await processor.figures();
    const before = await scrape(processor.metrics);
    const report: LoadReport = await load.run(STRETCH_SECONDS, rate);
    const figures = await processor.figures();
    const after = await scrape(processor.metrics);
    const p99 = percentile(report.acknowledgedMs, 0.99);
    const rss = figures.peakRssBytes / MB;
    return {
      title: `${OPEN_TASKS.toLocaleString('en')} open tasks, ${after.lines.toLocaleString('en')} series`,
      method: `Protobuf over HTTP, spans of about 1.2 kB, 510 a request, three calls a task; log, ledger and state on the disk; \`MALLOC_ARENA_MAX=2\`. ${STRETCH_SECONDS} s at half of what the processor takes at full speed on this machine, beside the program that sends. ${after.keptAt > before.keptAt ? 'A state was kept meanwhile.' : '**No state was kept meanwhile.**'}`,
      head: [
        'spans/s',
        'ack p50 ms',
        'p99',
        'max',
        'event loop p99 ms',
        'max',
        'peak RSS MB',
        'heap MB',
        'refused',
      ],
      rows: [
        [
          formatNumber(report.spans / report.seconds, 0),
          formatNumber(percentile(report.acknowledgedMs, 0.5)),
          formatNumber(p99),
          formatNumber(percentile(report.acknowledgedMs, 1)),
          formatNumber(figures.delayP99Ms),
          formatNumber(figures.delayMaxMs),
          formatNumber(rss, 0),
          formatNumber(figures.heapBytes / MB, 0),
          String(report.refused),
        ],
      ],
      targets: [
        { text: `p99 of the acknowledgements ${formatNumber(p99)} ms; at most 50 ms`, isMet: p99 <= 50 },
        {
          text: `p99 of the event loop's delay ${formatNumber(figures.delayP99Ms)} ms; at most 20 ms`,
          isMet: figures.delayP99Ms <= 20,
        },
        { text: `peak RSS ${formatNumber(rss, 0)} MB; at most 400 MB`, isMet: rss <= 400 },
      ],
    };
  } finally {
    load.close();
    await processor.close();
  }
}

async function measureScrapes(): Promise<Section> {
  const processor = await MeasuredProcessor.start();
  const load = new OtlpLoad({ origin: processor.otlpHttp, ...SCRAPE_LABELS, openTasks: 20_000 });
  try {
    await scrape(processor.metrics);
    const rate = await fill(load, 20_000);
    await load.run(4, rate);
    for (let warm = 0; warm < 5; warm += 1) await scrape(processor.metrics);
    await processor.figures();
    const scrapes: Scrape[] = [];
    const loading = load.run(SCRAPES, rate);
    for (let index = 0; index < SCRAPES; index += 1) {
      scrapes.push(await scrape(processor.metrics));
      await new Promise((resolve) => setTimeout(resolve, 700));
    }
    const report = await loading;
    const figures = await processor.figures();
    const times = scrapes.map(({ ms }) => ms).sort((a, b) => a - b);
    const median = percentile(times, 0.5);
    return {
      title: `A scrape of ${scrapes.at(-1)?.lines.toLocaleString('en')} series while spans come in`,
      method: `${SCRAPES} scrapes, from the request to the last byte, at half load as above.`,
      head: ['spans/s', 'scrape ms, median', 'max', 'MB of text', 'ack p99 ms', 'event loop p99 ms', 'max'],
      rows: [
        [
          formatNumber(report.spans / report.seconds, 0),
          formatNumber(median, 0),
          formatNumber(percentile(times, 1), 0),
          formatNumber((scrapes.at(-1)?.bytes ?? 0) / MB),
          formatNumber(percentile(report.acknowledgedMs, 0.99)),
          formatNumber(figures.delayP99Ms),
          formatNumber(figures.delayMaxMs),
        ],
      ],
      targets: [
        {
          text: `the median scrape takes ${formatNumber(median, 0)} ms; at most 150 ms`,
          isMet: median <= 150,
        },
        {
          text: `p99 of the event loop's delay ${formatNumber(figures.delayP99Ms)} ms; at most 20 ms`,
          isMet: figures.delayP99Ms <= 20,
        },
      ],
    };
  } finally {
    load.close();
    await processor.close();
  }
}
