import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '@costspan/testkit';
import { expect, it } from 'vitest';
import { ROOT } from '../contract/packages.ts';
import { CONFIG_FOLDER } from '../pipeline/collector.ts';
import { callAttributes, encodeTraces, postTraces } from '../pipeline/otlp.ts';
import { startProcessor } from '../pipeline/stack.ts';

const readSql = (name: string) => readFileSync(join(CONFIG_FOLDER, 'clickhouse', name), 'utf8');

/** ClickHouse itself is not run here: that the files fit each other, and the report, is. */
it('ClickHouse is given the columns that the report has, in its order', async () => {
  const by = /--by \\\n--\s+(\S+)/.exec(readSql('ledger.sql'))![1]!;
  const structure = /input\('(.+)'\)/.exec(readSql('load.sql'))![1]!;
  const columns = structure.split(', ').map((column) => column.split(' ')[0]);
  const table = /CREATE TABLE IF NOT EXISTS costspan\.ledger_copy \(\n([^;]*?)\n\)/.exec(
    readSql('ledger.sql'),
  )![1]!;
  const stored = [...table.matchAll(/^ {2}(\w+) /gm)].map((match) => match[1]);

  const folder = mkdtempSync(join(tmpdir(), 'costspan-clickhouse-'));
  try {
    const processor = await startProcessor(folder, { isDurable: true });
    expect(await postTraces(processor.otlp, encodeTraces([{ attributes: callAttributes(0.5) }]))).toBe(200);
    await processor.process.stop();
    const command = join(ROOT, 'packages', 'cli', 'bin', 'costspan.js');
    const flags = ['report', '--data', join(folder, 'processor-data'), '--by', by, '--format', 'csv'];
    const { exitCode, stdout, stderr } = await run(process.execPath, [command, ...flags]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(columns).toEqual(stdout.split('\r\n')[0]!.split(','));
  } finally {
    rmSync(folder, { recursive: true });
  }
  // The ratio is asked for anew; whose copy it is and when it was made stand before the rest.
  expect(stored).toEqual(['processor', 'copied_at', ...columns.slice(0, -1)]);
});
