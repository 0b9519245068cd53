/**
 * A disk that is really full: a small file system in memory under `--data`. Whoever may not mount one is told that
 * these were left out; `packages/processor/test/durable.test.ts` makes a disk fail at every operation without.
 */
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { callAttributes, encodeTraces, postTraces } from './otlp.ts';
import { type ProcessorProcess, readSum, startProcessor } from './stack.ts';

const CONFIG = 'tasks: { settle_after: 1s, settle_quiet: 1s }\n';
const CALLS = 20;
const COST_USD = 0.01;
/** What is left free, so that a write is taken in part. */
const LEFT_BYTES = 40_000;

const mount = (directory: string) =>
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'costspan-test', directory]);
const unmount = (directory: string) => spawnSync('umount', ['--lazy', directory]);
const mayMount = canMount();
if (!mayMount) console.warn('skipped: a file system cannot be mounted by this user. Run it as root');

function canMount(): boolean {
  const directory = mkdtempSync(join(tmpdir(), 'costspan-mount-'));
  try {
    return mount(directory).status === 0 && unmount(directory).status === 0;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

let folder: string;
let data: string;
let processor: ProcessorProcess | undefined;
let sent: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'costspan-full-'));
  data = join(folder, 'processor-data');
  mkdirSync(data);
  mount(data);
  sent = 0;
});
afterEach(async () => {
  await processor?.process.stop({ signal: 'SIGKILL' });
  processor = undefined;
  unmount(data);
  rmSync(folder, { recursive: true, force: true });
});

const start = async (): Promise<ProcessorProcess> => {
  processor = await startProcessor(folder, { config: CONFIG, isDurable: true });
  return processor;
};

/** A task and its calls, of ids that no other has. */
function createRequest(): object {
  sent += 1;
  const task = { 'costspan.task.id': `task-${sent}`, 'costspan.task.name': 'resolve' };
  const calls = Array.from({ length: CALLS }, () => ({ attributes: callAttributes(COST_USD, task) }));
  const end = { name: 'task resolve', attributes: { ...task, 'costspan.task.outcome': 'success' } };
  return encodeTraces([...calls, end]);
}

async function sendTaken({ otlp }: ProcessorProcess, requests: number): Promise<void> {
  for (let count = 0; count < requests; count += 1) expect(await postTraces(otlp, createRequest())).toBe(200);
}

const ballast = (): string => join(data, 'ballast');
/** Fills the disk to the last byte, then leaves so much of it. */
function fillDisk(leftBytes: number): void {
  for (const bytes of [100_000, 4_096, 512]) {
    try {
      while (true) appendFileSync(ballast(), Buffer.alloc(bytes, 1));
    } catch (error) {
      expect(error).toMatchObject({ code: 'ENOSPC' });
    }
  }
  truncateSync(ballast(), statSync(ballast()).size - leftBytes);
}
const makeRoom = (): void => rmSync(ballast());

const isReady = async ({ metrics }: ProcessorProcess): Promise<boolean> =>
  (await fetch(`${metrics}/readyz`)).status === 200;

/** Calls, cost and settled tasks by the counters, and by the ledger. */
async function readSums({ otlp, metrics }: ProcessorProcess) {
  const answer = await fetch(`${otlp}/api/v1/cost?from=2020-01-01&by=model`);
  const { rows } = (await answer.json()) as { rows: { cost_usd: string; calls: number; tasks: number }[] };
  const sum = (read: (row: (typeof rows)[number]) => number): number =>
    rows.reduce((total, row) => total + read(row), 0);
  const cents = (usd: number): number => Math.round(usd / COST_USD);
  return {
    counted: [
      await readSum(metrics, 'llm_calls_total'),
      cents(await readSum(metrics, 'llm_cost_usd_total')),
      await readSum(metrics, 'llm_tasks_total'),
    ],
    ledger: [sum(({ calls }) => calls), cents(sum((row) => Number(row.cost_usd))), sum(({ tasks }) => tasks)],
  };
}

async function expectSums(running: ProcessorProcess, requests: number): Promise<void> {
  await expect.poll(() => readSum(running.metrics, 'llm_tasks_unsettled')).toBe(0);
  const calls = requests * CALLS;
  const sums = [calls, calls, requests];
  await expect.poll(() => readSums(running)).toEqual({ counted: sums, ledger: sums });
}

describe.skipIf(!mayMount)('a disk that is full', () => {
  it('is answered with 503, and nothing is lost: it goes on by itself when there is room', async () => {
    const running = await start();
    await sendTaken(running, 30);
    fillDisk(LEFT_BYTES);
    let taken = 30;
    let refused: object | undefined;
    while (refused === undefined && taken < 500) {
      const request = createRequest();
      const status = await postTraces(running.otlp, request);
      if (status === 200) taken += 1;
      else {
        expect(status).toBe(503);
        refused = request;
      }
    }
    expect(await isReady(running)).toBe(false);
    expect(running.process.stderr()).toContain('COSTSPAN_DATA_FAILING');
    expect((await fetch(`${running.metrics}/healthz`)).status).toBe(200);
    const rejected = await (await fetch(`${running.metrics}/metrics`)).text();
    expect(rejected).toMatch(/rejected_total\{reason="not_durable_disk"\} [1-9]/);
    expect(await readSum(running.metrics, 'llm_calls_total')).toBe(taken * CALLS);

    makeRoom();
    await expect.poll(() => isReady(running)).toBe(true);
    expect(await postTraces(running.otlp, refused!)).toBe(200);
    await sendTaken(running, 5);
    await expectSums(running, taken + 6);
    running.process.child.kill('SIGKILL');
    await running.process.ended;
    await expectSums(await start(), taken + 6);
  });

  it('does not take a state: an end leaves the log, from which the next start makes it again', async () => {
    const running = await start();
    await sendTaken(running, 30);
    await expectSums(running, 30);
    fillDisk(0);
    const { exitCode } = await running.process.stop();
    expect(exitCode).toBe(0);
    expect(readdirSync(data).filter((name) => name.startsWith('log-')).length).toBeGreaterThan(0);
    makeRoom();
    const again = await start();
    await expectSums(again, 30);
    await again.process.stop();
    expect(readdirSync(data).some((name) => name.startsWith('state-'))).toBe(true);
  });

  it('shows what was counted after a start, and takes what comes when there is room', async () => {
    const running = await start();
    await sendTaken(running, 30);
    running.process.child.kill('SIGKILL');
    await running.process.ended;
    fillDisk(0);
    const again = await start();
    expect(await readSum(again.metrics, 'llm_calls_total')).toBe(30 * CALLS);
    const request = createRequest();
    expect(await postTraces(again.otlp, request)).toBe(503);
    makeRoom();
    await expect.poll(() => postTraces(again.otlp, request)).toBe(200);
    await expectSums(again, 31);
  });

  it('stops the first start of a directory, and says what to do', async () => {
    fillDisk(0);
    await expect(start()).rejects.toThrow(/COSTSPAN_DATA_UNUSABLE.*disk is full.*on a disk with room/s);
    makeRoom();
    await sendTaken(await start(), 1);
  });
});
