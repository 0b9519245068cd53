/** `GET /api/v1/cost` beside a ledger that takes nothing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DEFAULT_CONFIG } from '@costspan/config';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type RunningProcessor, startProcessor } from '../src/index.ts';
import { LEDGER_FILE } from '../src/ledger/database.ts';
import { encodeProtobuf, recordSpans } from './spans.ts';

const ANY = { host: '127.0.0.1', port: 0 };
let directory: string;
let running: RunningProcessor;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'costspan-cost-'));
  const doors = { otlpHttp: ANY, otlpGrpc: ANY, metrics: ANY };
  const onError = (error: unknown) => {
    throw error;
  };
  running = await startProcessor({ config: DEFAULT_CONFIG, ...doors, dataDirectory: directory, onError });
});
afterEach(async () => {
  await running.close();
  rmSync(directory, { recursive: true });
});

/** As a disk without room does: each write of costs fails. */
function changeLedger(statement: string): void {
  const database = new DatabaseSync(join(directory, LEDGER_FILE));
  database.exec(statement);
  database.close();
}

it('says that it does not know while the ledger cannot be written, and never a sum that is too small', async () => {
  const read = async () => {
    const answer = await fetch(`${running.otlpHttp}/api/v1/cost?from=2000-01-01&to=2100-01-01`);
    return [
      answer.status,
      (await answer.json()) as { rows?: { calls: number }[]; message?: string },
    ] as const;
  };
  changeLedger("CREATE TRIGGER full BEFORE INSERT ON cost BEGIN SELECT RAISE(ABORT, 'disk is full'); END");
  const headers = { 'content-type': 'application/x-protobuf' };
  const body = new Uint8Array(encodeProtobuf(recordSpans()));
  const sent = await fetch(`${running.otlpHttp}/v1/traces`, { method: 'POST', headers, body });
  expect(sent.status).toBe(200);
  expect(await read()).toEqual([503, { code: 14, message: expect.stringContaining('too small') }]);
  changeLedger('DROP TRIGGER full');
  expect(await read()).toMatchObject([200, { rows: [{ calls: 1 }] }]);
});

it.each([
  ['form=2026-10-01', 'there is no parameter "form"; use from, to, month, by, where'],
  ['from=2026-10-01&from=2026-11-01', 'from is there twice; leave one out'],
  [
    'where=feature=a&where=feature=b',
    'there are two conditions on feature; ask for each by itself, or report by feature',
  ],
])('refuses %s, which would be answered with another sum', async (query, message) => {
  const answer = await fetch(`${running.otlpHttp}/api/v1/cost?${query}`);
  expect([answer.status, await answer.json()]).toEqual([400, { code: 3, message }]);
});
