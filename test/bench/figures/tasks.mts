import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { formatNumber, type Section } from '../table.mts';

/** What `tasks.mts` prints. */
interface TasksReport {
  readonly tasks: number;
  readonly spans: number;
  readonly openAtMost: number;
  readonly spansPerCpuSecond: number;
  readonly peakRssMb: number;
  readonly targetRssMb: number;
  readonly sumsAreExact: boolean;
}

const PROGRAM = fileURLToPath(new URL('../tasks.mts', import.meta.url));
const LIMIT_MS = 1_800_000;

/** A million tasks through one processor, in a process of its own. */
export async function measureTasks(): Promise<Section[]> {
  const child = spawn(process.execPath, [PROGRAM], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: LIMIT_MS,
  });
  const report: TasksReport = JSON.parse(await text(child.stdout));
  const { tasks, spans, openAtMost, peakRssMb, targetRssMb, sumsAreExact } = report;
  const count = (value: number): string => value.toLocaleString('en');
  return [
    {
      title: `${count(tasks)} tasks of three calls, ${count(openAtMost)} of them open at a time`,
      method:
        'Spans as they are decoded, through the processor in one process and in memory: no sockets, no log. CPU is that of all threads of the process, garbage collection included, without the making of the spans.',
      head: ['spans', 'spans per CPU second', 'peak RSS MB', 'sums'],
      rows: [
        [
          count(spans),
          count(report.spansPerCpuSecond),
          formatNumber(peakRssMb, 0),
          sumsAreExact ? 'exact' : '**wrong**',
        ],
      ],
      targets: [
        { text: `peak RSS ${peakRssMb} MB; at most ${targetRssMb} MB`, isMet: peakRssMb <= targetRssMb },
        { text: 'the sums are exact to the pico-dollar', isMet: sumsAreExact },
      ],
    },
  ];
}
