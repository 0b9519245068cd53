import { describe, expect, it } from 'vitest';
import { createRandom } from '../../aggregate/test/records.ts';
import { type Entry, encodeEntry } from '../src/entry.ts';
import { ProcessorState, type StatePart } from '../src/state.ts';
import type { DiskFile, DiskReading } from '../src/store/disk.ts';
import { NotDurableError } from '../src/store/journal.ts';
import { pack } from '../src/store/pack.ts';
import { recover } from '../src/store/recover.ts';
import { Store } from '../src/store/store.ts';
import { unpack } from '../src/store/unpack.ts';
import { createHistory, OPTIONS, printState } from './histories.ts';
import { MemoryDisk } from './memory-disk.ts';

const QUEUE_BYTES = 1_000_000;
const MIN_PART_BYTES = 32 * 1024;
const open = (disk: MemoryDisk, onHealth: (failure: unknown) => void = () => {}) =>
  Store.open({ disk, options: OPTIONS, maxQueueBytes: QUEUE_BYTES, onHealth });
const commit = (store: Store, entry: Entry): Promise<void> =>
  store.journal.commit(encodeEntry(entry), () => store.state.apply(entry));

/** The state that these entries make without any store. */
function applyAll(entries: readonly Entry[]): ProcessorState {
  const state = new ProcessorState(OPTIONS);
  for (const entry of entries) state.apply(entry);
  return state;
}
const print = async (disk: MemoryDisk): Promise<string[]> => printState((await recover(disk, OPTIONS)).state);

it.each([2, 3, 4, 5, 6, 7])(
  'a state that is kept and read at every step is the same state (seed %i)',
  (seed) => {
    const steady = new ProcessorState(OPTIONS);
    let restarted = new ProcessorState(OPTIONS);
    for (const [step, entry] of createHistory(createRandom(seed), 50).entries()) {
      steady.apply(entry);
      const parts = [...restarted.readState()].map((part) => unpack(pack(part)) as StatePart);
      restarted = ProcessorState.restore(parts);
      restarted.apply(entry);
      expect(printState(restarted), `after step ${step}`).toEqual(printState(steady));
    }
  },
);

describe('a crash', () => {
  it('at any byte of the log leaves the state of the entries before it, whole', async () => {
    const entries = createHistory(createRandom(1), 14);
    const disk = new MemoryDisk();
    const store = await open(disk);
    const ends: number[] = [];
    const name = () => disk.list().find((file) => file.startsWith('log-'));
    for (const entry of entries) {
      await commit(store, entry);
      ends.push(disk.readAll(name()!).length);
    }
    const log = disk.readAll(name()!);
    const state = new ProcessorState(OPTIONS);
    const states = [printState(state)];
    for (const entry of entries) {
      state.apply(entry);
      states.push(printState(state));
    }
    let compared = -1;
    for (let cut = 0; cut <= log.length; cut += 1) {
      const after = disk.clone();
      after.put(name()!, log.subarray(0, cut));
      const recovered = await recover(after, OPTIONS);
      const whole = ends.filter((end) => end <= cut).length;
      expect(recovered.position, `cut at byte ${cut}`).toBe(whole);
      // The same number of entries makes the same state: one cut of each is compared whole, and every hundredth.
      const isCompared = whole > compared || cut % 100 === 0;
      compared = whole;
      if (isCompared) expect(printState(recovered.state), `cut at byte ${cut}`).toEqual(states[whole]);
    }
    expect(log.length).toBeGreaterThan(1_000);
    // A few thousand starts: a machine that is busy with other work takes its time.
  });

  it.each(Array.from({ length: 30 }, (_, index) => index + 1))(
    'loses nothing that was acknowledged, wherever the power fails (seed %i)',
    async (seed) => {
      const random = createRandom(seed);
      let disk = new MemoryDisk();
      let store = await open(disk);
      const acknowledged: Entry[] = [];
      for (const entry of createHistory(random, 60)) {
        await commit(store, entry);
        acknowledged.push(entry);
        if (random() < 0.1) await store.keepState();
        if (random() >= 0.15) continue;
        const pending = commit(store, { kind: 'settle', nowMs: entry.nowMs }).catch(() => {});
        for (let turns = Math.floor(random() * 6); turns > 0; turns -= 1) await undefined;
        disk = random() < 0.5 ? disk.losePower(random) : disk.clone();
        await pending;
        store = await open(disk);
        const states = [acknowledged, [...acknowledged, { kind: 'settle', nowMs: entry.nowMs } as const]];
        const printed = printState(store.state);
        const found = states.findIndex((list) => printState(applyAll(list)).join() === printed.join());
        expect(found, 'neither the state before nor after the entry under way').not.toBe(-1);
        acknowledged.splice(0, acknowledged.length, ...states[found]!);
      }
    },
  );

  it('is found by its damage where what was acknowledged is damaged, with the file, the byte and no guess', async () => {
    const disk = new MemoryDisk();
    const store = await open(disk);
    for (const entry of createHistory(createRandom(2), 30)) await commit(store, entry);
    const name = disk.list().find((file) => file.startsWith('log-'))!;
    const log = disk.readAll(name);
    const random = createRandom(3);
    for (let run = 0; run < 300; run += 1) {
      const after = disk.clone();
      const damaged = Buffer.from(log);
      const at = Math.floor(random() * (log.length - 1_500));
      damaged[at]! ^= 1 + Math.floor(random() * 255);
      after.put(name, damaged);
      await expect(recover(after, OPTIONS)).rejects.toMatchObject({ name: 'CorruptDataError', file: name });
    }
    const state = disk.list().find((file) => file.startsWith('state-'))!;
    const kept = Buffer.from(disk.readAll(state));
    kept[40]! ^= 1;
    disk.put(state, kept);
    await expect(recover(disk, OPTIONS)).rejects.toThrow('the kept state is damaged');
  });
});

describe('a disk that fails', () => {
  it.each(['ENOSPC', 'EIO'] as const)(
    'at any operation (%s) refuses what it cannot keep, keeps what it acknowledged, and goes on',
    async (code) => {
      const entries = createHistory(createRandom(5), 25);
      const clean = new MemoryDisk();
      const first = await open(clean);
      const opened = clean.operations;
      for (const entry of entries) await commit(first, entry);
      const health: unknown[] = [];
      for (let at = opened; at < clean.operations; at += 1) {
        const disk = new MemoryDisk();
        const store = await open(disk, (failure) => health.push(failure));
        disk.faults = [{ at, count: 1 + (at % 4), code }];
        const kept: Entry[] = [];
        let refused = 0;
        // What was refused after the last that was kept: where not even the cut succeeded, it may be there.
        let unsure: Entry[] = [];
        for (const entry of entries) {
          const result = await commit(store, entry).then(
            () => true,
            (error: unknown) => error,
          );
          if (result === true) {
            kept.push(entry);
            unsure = [];
          } else {
            expect(result).toBeInstanceOf(NotDurableError);
            refused += 1;
            unsure.push(entry);
          }
        }
        expect(refused, `fault at operation ${at}`).toBeGreaterThan(0);
        expect(printState(store.state)).toEqual(printState(applyAll(kept)));
        const possible = [kept, ...unsure.map((entry) => [...kept, entry])].map((list) =>
          printState(applyAll(list)).join(),
        );
        disk.faults = [];
        expect(possible).toContain((await print(disk)).join());
      }
      expect(health.length).toBeGreaterThan(0);
      expect(health).toContain(undefined);
    },
  );

  it('takes no more than may wait, and says so', async () => {
    const disk = new MemoryDisk();
    const store = await Store.open({ disk, options: OPTIONS, maxQueueBytes: 1_000, onHealth: () => {} });
    const sent = createHistory(createRandom(6), 30).map((entry) => commit(store, entry));
    const results = await Promise.allSettled(sent);
    const refused = results.filter(({ status }) => status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(30);
    expect(refused[0]).toMatchObject({ reason: { name: 'NotDurableError', reason: 'overloaded' } });
  });
});

it('keeps the state under load and needs only the log after it', async () => {
  const disk = new MemoryDisk();
  const store = await open(disk);
  const entries = createHistory(createRandom(8), 200);
  const half = entries.slice(0, 100);
  await Promise.all(half.map((entry) => commit(store, entry)));
  await store.keepState();
  await Promise.all(entries.slice(100).map((entry) => commit(store, entry)));
  await store.close();
  expect(disk.list().filter((name) => name.startsWith('state-'))).toHaveLength(1);
  expect(store.health.logBytes).toBe(0);
  expect(await print(disk)).toEqual(printState(applyAll(entries)));
});

it('keeps the state at a start that had much to read, so that the next one has not', async () => {
  const disk = new MemoryDisk();
  const store = await Store.open({ disk, options: OPTIONS, maxQueueBytes: 100_000_000, onHealth: () => {} });
  const entry = createHistory(createRandom(10), 1)[0]!;
  const taskId = 'x'.repeat(256);
  const outcome = (nowMs: number): Entry => ({
    kind: 'outcome',
    nowMs,
    outcome: { taskId, outcome: 'success' },
  });
  await Promise.all(
    Array.from({ length: 30_000 }, (_, index) => commit(store, outcome(entry.nowMs + index))),
  );
  expect(store.health.logBytes).toBeGreaterThan(8 * 1024 * 1024);
  const second = await open(disk.clone());
  await expect.poll(() => second.health.logBytes).toBe(0);
  expect(printState(second.state)).toEqual(printState(store.state));
});

it('writes and syncs once for all that comes while the disk is busy', async () => {
  const disk = new MemoryDisk();
  const store = await open(disk);
  const before = disk.operations;
  await Promise.all(createHistory(createRandom(9), 500).map((entry) => commit(store, entry)));
  // A file and its header, and for each of a few groups a write and a sync.
  expect(disk.operations - before).toBeLessThan(20);
});

/** Knows how much was read of a file at once, and how many are open. */
class ReadingDisk extends MemoryDisk {
  mostBytes = 0;
  opened = 0;

  override read(name: string): DiskReading {
    const file = super.read(name);
    this.opened += 1;
    return {
      bytes: file.bytes,
      read: (into, atByte) => {
        this.mostBytes = Math.max(this.mostBytes, into.length);
        file.read(into, atByte);
      },
      close: () => {
        this.opened -= 1;
      },
    };
  }
}

/** Sees in which memory the parts of a state come. */
class WatchingDisk extends MemoryDisk {
  parts = 0;
  readonly memory = new Set<ArrayBufferLike>();

  override async create(name: string): Promise<DiskFile> {
    const file = await super.create(name);
    const write: DiskFile['write'] = (buffers, atByte) => {
      const large = name.startsWith('state-') ? buffers.filter(({ length }) => length > MIN_PART_BYTES) : [];
      this.parts += large.length;
      for (const { buffer } of large) this.memory.add(buffer);
      return file.write(buffers, atByte);
    };
    return { ...file, write };
  }
}

it('a start has of a log of any size no more than a megabyte in memory', async () => {
  const disk = new ReadingDisk();
  const store = await open(disk);
  const outcome = { taskId: 'x'.repeat(200), outcome: 'failure' } as const;
  for (let group = 0; group < 20; group += 1)
    await Promise.all(
      Array.from({ length: 1_000 }, () => commit(store, { kind: 'outcome', nowMs: 1, outcome })),
    );
  const { logBytes } = await recover(disk, OPTIONS);
  expect(logBytes).toBeGreaterThan(4_000_000);
  expect(disk.mostBytes).toBeLessThanOrEqual(2 ** 20);
  expect(disk.opened).toBe(0);
});

it('a large state goes to the disk in the memory of a few parts, and comes back', async () => {
  const disk = new WatchingDisk();
  const options = { ...OPTIONS, limits: { ...OPTIONS.limits, openTasks: 30_000, dedupeSpans: 30_000 } };
  const store = await Store.open({ disk, options, maxQueueBytes: QUEUE_BYTES, onHealth: () => {} });
  for (let number = 0; number < 30_000; number += 1)
    store.state.apply({
      kind: 'outcome',
      nowMs: 0,
      outcome: { taskId: `one of many ${number}`, outcome: 'failure' },
    });
  await commit(store, { kind: 'settle', nowMs: 0 });
  const expected = printState(store.state);
  await store.close();
  expect(disk.parts).toBeGreaterThan(15);
  expect(disk.memory.size).toBeLessThan(5);
  expect(printState((await recover(disk, options)).state)).toEqual(expected);
});
