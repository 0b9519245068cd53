/**
 * What earlier versions have kept, as their own code wrote it: `fixtures/kept/make.mjs CHECKOUT NAME` makes a directory
 * of any of them, and notes what that version said of it.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readSnapshots, renderSnapshots } from '@costspan/aggregate';
import { DEFAULT_CONFIG } from '@costspan/config';
import { picoUsdToUsdText } from '@costspan/pricing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeStartError } from '../src/failures.ts';
import { openLedgerToRead } from '../src/ledger/database.ts';
import { Ledger } from '../src/ledger/ledger.ts';
import { readLedger } from '../src/ledger/reader.ts';
import type { ProcessorState } from '../src/state.ts';
import { readStateOptions } from '../src/state-options.ts';
import { openDisk } from '../src/store/disk.ts';
import { encodeFrame, encodeHeader, HEADER_BYTES } from '../src/store/frames.ts';
import { pack } from '../src/store/pack.ts';
import { recover, STATE_END } from '../src/store/recover.ts';
import { Store } from '../src/store/store.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures', 'kept');
/** The log was packed in another way up to there. */
const TOO_OLD = '2026-11-27-1007ba5';
const VERSIONS = readdirSync(FIXTURES).flatMap((file) => /^(.+)\.json\.gz$/.exec(file)?.[1] ?? []);
const OPTIONS = readStateOptions(DEFAULT_CONFIG);

interface Kept {
  /** By name, base64. */
  readonly files: Readonly<Record<string, string>>;
  /** Every sample that was not 0. */
  readonly metrics: readonly string[];
  readonly cost: readonly CostRow[];
}
interface CostRow {
  readonly labels: Readonly<Record<string, string>>;
  readonly cost_usd: string;
  readonly calls: number;
  readonly tasks: number;
}

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'costspan-kept-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function unpackVersion(version: string): Kept {
  const kept = JSON.parse(gunzipSync(readFileSync(join(FIXTURES, `${version}.json.gz`))).toString()) as Kept;
  for (const [name, base64] of Object.entries(kept.files))
    writeFileSync(join(directory, name), Buffer.from(base64, 'base64'));
  return kept;
}

/** Samples that are not 0, whatever the order of their labels. */
async function readMetrics({ aggregate, nowMs }: ProcessorState): Promise<string[]> {
  let text = '';
  for await (const piece of renderSnapshots(readSnapshots(aggregate, nowMs))) text += piece;
  return sortSamples(text.split('\n').filter((line) => /^llm_/.test(line) && !/ 0$/.test(line)));
}
const sortSamples = (lines: readonly string[]): string[] =>
  lines
    .map((line) => {
      const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)/.exec(line)!;
      const sorted = [...labels.matchAll(/\w+="(?:[^"\\]|\\.)*"/g)].map(([label]) => label).sort();
      return `${name}{${sorted.join(',')}} ${value}`;
    })
    .sort();

async function readCost(): Promise<CostRow[]> {
  const database = openLedgerToRead(directory);
  try {
    const query = { fromMs: 0, toMs: Date.UTC(2100, 0), by: ['feature', 'model', 'outcome'] } as const;
    return (await readLedger(database, query)).map(({ labels, costPicoUsd, calls, tasks }) => ({
      labels: labels as CostRow['labels'],
      cost_usd: picoUsdToUsdText(costPicoUsd),
      calls,
      tasks,
    }));
  } finally {
    database.close();
  }
}
/** Where money has been moved away nothing may be left but its row. */
const sortCost = (rows: readonly CostRow[]): CostRow[] =>
  rows
    .filter(({ calls, tasks }) => calls !== 0 || tasks !== 0)
    .sort((a, b) => (JSON.stringify(a.labels) < JSON.stringify(b.labels) ? -1 : 1));

it('there is a directory of more than one form, and of one that is too old', () => {
  expect(VERSIONS.length).toBeGreaterThan(3);
  expect(VERSIONS).toContain(TOO_OLD);
});

describe.each(VERSIONS.filter((version) => version !== TOO_OLD))('a directory of %s', (version) => {
  it('is read to the last digit, and is the same once it was kept in the form of today', async () => {
    const kept = unpackVersion(version);
    const onHealth = (failure: unknown) => {
      throw failure;
    };
    const disk = openDisk(directory);
    const ledger = Ledger.open(directory, DEFAULT_CONFIG.ledger);
    const store = await Store.open({ disk, ledger, options: OPTIONS, maxQueueBytes: 1e6, onHealth });
    expect(kept.metrics.length).toBeGreaterThan(200);
    expect(await readMetrics(store.state)).toEqual(sortSamples(kept.metrics));
    await store.close();
    expect(kept.cost.length).toBeGreaterThan(5);
    expect(sortCost(await readCost())).toEqual(sortCost(kept.cost));
    const names = readdirSync(directory);
    expect(names.some((name) => name.startsWith('log-'))).toBe(false);
    expect(Object.keys(kept.files)).not.toContain(names.find((name) => name.startsWith('state-')));
    const { state, failures } = await recover(openDisk(directory), OPTIONS);
    expect([await readMetrics(state), failures]).toEqual([sortSamples(kept.metrics), []]);
  });
});

describe('what this version does not read stops the start, and says what to do', () => {
  async function readStartError(): Promise<{ code: string; message: string; fix: string }> {
    const disk = openDisk(directory);
    const failure = await recover(disk, OPTIONS).then(
      () => expect.fail('it was read'),
      (error: unknown) => error,
    );
    return describeStartError(failure) as { code: string; message: string; fix: string };
  }
  const describeVersion = (message: string) => ({
    code: 'COSTSPAN_DATA_VERSION',
    message,
    fix: expect.stringContaining('the version of costspan that wrote it'),
  });
  const otherForm = (file: string, reason: string) =>
    describeVersion(
      `${file}: it was written by another version of costspan, in a form that this one does not read (${reason})`,
    );
  const write = (name: string, ...parts: readonly Buffer[]) =>
    writeFileSync(join(directory, name), Buffer.concat(parts));
  const createOptions = () => pack({ part: 'options', options: OPTIONS, nowMs: 1 });
  const STATE = 'state-0000000000000004';
  const LOG = 'log-0000000000000001';

  it('where it is older', async () => {
    const { files } = unpackVersion(TOO_OLD);
    const state = Object.keys(files).find((name) => name.startsWith('state-'))!;
    expect(await readStartError()).toEqual(otherForm(state, 'a key is not a text'));
    expect(readFileSync(join(directory, state)).toString('base64')).toBe(files[state]);
  });

  it.each(['log', 'state'] as const)('where the %s is of a later form', async (kind) => {
    const header = Buffer.from(encodeHeader(kind));
    header[HEADER_BYTES - 1] = 9;
    const name = kind === 'log' ? LOG : STATE;
    write(name, header, ...encodeFrame(1, [Buffer.from('whatever it will be')]));
    expect(await readStartError()).toEqual(
      describeVersion(`${name}: it is in form 9, this costspan reads up to form 6`),
    );
  });

  it('where a state has a part, or the log an entry, that only a later version knows', async () => {
    const end = encodeFrame(3, [Buffer.from(STATE_END)]);
    const later = encodeFrame(2, [pack({ part: 'forecast', forecast: [] })]);
    write(STATE, encodeHeader('state'), ...encodeFrame(1, [createOptions()]), ...later, ...end);
    expect(await readStartError()).toEqual(otherForm(STATE, 'a part of the kind "forecast"'));
    rmSync(join(directory, STATE));
    const entry = pack({ kind: 'refund', nowMs: 1 });
    const lengths = Buffer.from(new Uint32Array([1, entry.length]).buffer);
    write(LOG, encodeHeader('log'), ...encodeFrame(1, [lengths, entry]));
    expect(await readStartError()).toEqual(otherForm(LOG, 'an entry of the kind "refund"'));
  });
});
