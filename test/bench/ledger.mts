/**
 * `node test/bench/ledger.mts [--hours]`: a year of 100 million calls in the ledger, as a processor with the default
 * retention has it (45 days by hour, the rest by day), and how long its questions take. `--hours`: all of it by hour.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  LEDGER_LABELS,
  type LedgerQueryText,
  openLedgerToRead,
  openLedgerToWrite,
  parseLedgerQuery,
  readLedger,
  withOutcome,
} from '@costspan/processor';

const CALLS = 100_000_000;
/** 20 features × 5 models × 5 outcomes and tiers: what is busy in the same hour. */
const LABEL_SETS = 500;
const NOW_MS = Date.UTC(2026, 10, 27);
const DAYS = 365;
const DAYS_BY_HOUR = process.argv.includes('--hours') ? DAYS : 45;

const directory = mkdtempSync(join(tmpdir(), 'costspan-year-'));
try {
  const rows = createYear();
  const bytes = statSync(join(directory, 'ledger.db')).size;
  console.log(
    `${CALLS} calls in ${rows} rows, ${LABEL_SETS} label sets an hour, ${Math.round(bytes / 1e6)} MB`,
  );
  await ask('a month by feature', { month: '2026-10', by: 'feature' });
  await ask('the year by feature', { from: '2025-11-27', to: '2026-11-27', by: 'feature' });
  await ask('the year by month, model and outcome', {
    from: '2025-11-27',
    to: '2026-11-27',
    by: 'month,model,outcome',
  });
  await ask('the year of one feature by day', {
    from: '2025-11-27',
    to: '2026-11-27',
    by: 'day',
    where: ['feature=feature-3'],
  });
} finally {
  rmSync(directory, { recursive: true });
}

/** Rows straight into the tables: to book a hundred million calls takes longer than to ask about them. */
function createYear(): number {
  const database = openLedgerToWrite(directory);
  database.exec('PRAGMA synchronous = OFF; BEGIN');
  const marks = LEDGER_LABELS.map(() => '?').join(', ');
  const addLabels = database.prepare(`INSERT INTO labels VALUES (?, ${marks})`);
  for (let id = 1; id <= LABEL_SETS; id += 1) {
    const outcome = ['success', 'failure', 'abandoned', 'unknown', 'untasked'][id % 5]!;
    const values: Readonly<Record<string, string>> = {
      service: 'shop',
      environment: 'prod',
      feature: `feature-${id % 20}`,
      task: `task-${id % 20}`,
      user_tier: id % 2 === 0 ? 'free' : 'pro',
      provider: 'openai',
      model: `model-${Math.floor(id / 20) % 5}`,
      mode: 'standard',
      operation: 'chat',
      cost_source: 'local',
      outcome,
      tenant: `tenant-${id}`,
    };
    addLabels.run(id, ...LEDGER_LABELS.map((label) => values[label]!));
  }
  const perHour = CALLS / (DAYS * 24 * LABEL_SETS);
  const add = database.prepare(`INSERT INTO cost
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ? - 1)
    SELECT ? + i * ?, ?, id, ?, 0, 1, 900, 100, 0, 200, 50, 12000, 345678, 11000, 345678 FROM n, labels`);
  const start = NOW_MS / 1000;
  add.run(DAYS_BY_HOUR * 24, start - DAYS_BY_HOUR * 86_400, 3_600, 'hour', Math.round(perHour));
  if (DAYS > DAYS_BY_HOUR)
    add.run(DAYS - DAYS_BY_HOUR, start - DAYS * 86_400, 86_400, 'day', Math.round(perHour * 24));
  database.exec('COMMIT');
  const rows = Number(database.prepare('SELECT COUNT(*) AS count FROM cost').get()?.count);
  database.close();
  return rows;
}

/** The median of five, each with the file opened anew. */
async function ask(name: string, text: LedgerQueryText): Promise<void> {
  const query = parseLedgerQuery(text, NOW_MS);
  const times: number[] = [];
  const cpuTimes: number[] = [];
  let rows = 0;
  for (let run = 0; run < 5; run += 1) {
    const startMs = performance.now();
    const startCpu = process.cpuUsage();
    const database = openLedgerToRead(directory);
    rows = (await readLedger(database, { ...query, by: withOutcome(query.by) })).length;
    database.close();
    times.push(performance.now() - startMs);
    const { user, system } = process.cpuUsage(startCpu);
    cpuTimes.push((user + system) / 1000);
  }
  console.log(`${name}: ${median(times)} ms, ${median(cpuTimes)} ms of CPU (${rows} rows)`);
}

function median(values: number[]): number {
  return Math.round(values.sort((a, b) => a - b)[2]!);
}
