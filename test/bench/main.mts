/**
 * `npm run bench [-- figure… --write]`: what costspan costs, beside its rivals, in one run. Prints markdown; `--write`
 * puts the measured sections into docs/performance.md.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { measureAttribution } from './figures/attribution.mts';
import { measureChat } from './figures/chat.mts';
import { measureHeap } from './figures/heap.mts';
import { measureIngest } from './figures/ingest.mts';
import { measureInstall } from './figures/install.mts';
import { measureSoak } from './figures/soak.mts';
import { measureStart } from './figures/start.mts';
import { measureState } from './figures/state.mts';
import { measureStream } from './figures/stream.mts';
import { measureTasks } from './figures/tasks.mts';
import { type CountingSink, startCountingSink } from './sink.mts';
import { renderSection, type Section } from './table.mts';

const FIGURES: Readonly<Record<string, (sink: CountingSink) => Promise<Section[]>>> = {
  chat: measureChat,
  stream: measureStream,
  start: measureStart,
  heap: measureHeap,
  attribution: measureAttribution,
  install: measureInstall,
  ingest: measureIngest,
  soak: measureSoak,
  state: measureState,
  tasks: measureTasks,
};
/** It takes ten minutes: who wants it names it. */
const ON_REQUEST = ['soak'];
const PAGE = new URL('../../docs/performance.md', import.meta.url);

const isWriting = process.argv.includes('--write');
const names = process.argv.slice(2).filter((argument) => argument !== '--write');
const unknown = names.filter((name) => !Object.hasOwn(FIGURES, name));
if (unknown.length > 0) {
  console.error(`no such figure: ${unknown.join(', ')}. There are: ${Object.keys(FIGURES).join(', ')}`);
  process.exit(2);
}
const usual = Object.keys(FIGURES).filter((name) => !ON_REQUEST.includes(name));
await main(names.length === 0 ? usual : names);

async function main(wanted: readonly string[]): Promise<void> {
  const sink = await startCountingSink();
  try {
    for (const name of wanted) {
      process.stderr.write(`${name} `);
      const sections = await FIGURES[name]!(sink);
      process.stderr.write('\n');
      const text = [`<sub>${describeRun()}</sub>`, ...sections.map(renderSection)].join('\n\n');
      console.log(`${text}\n`);
      if (isWriting) writeFigure(name, text);
    }
  } finally {
    sink.close();
  }
}

/** Where and when; each figure has its own, since each can be measured alone. */
function describeRun(): string {
  const processors = cpus();
  const model = processors[0]?.model.trim() ?? 'unknown processor';
  const busy = (loadavg()[0] ?? 0) - 1;
  const warning =
    busy > processors.length / 2
      ? ` **The machine was busy with other work (load ${loadavg()[0]?.toFixed(1)}): measure again before you quote this.**`
      : '';
  return `Measured ${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${process.platform} ${process.arch}, ${processors.length} × ${model}.${warning}`;
}

/** Replaces what stands between the figure's marks in the page. */
function writeFigure(name: string, text: string): void {
  const [start, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const page = readFileSync(PAGE, 'utf8');
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${fileURLToPath(PAGE)} has no marks for the figure ${name}`);
  writeFileSync(PAGE, `${page.slice(0, from + start.length)}\n${text}\n${page.slice(to)}`);
}
