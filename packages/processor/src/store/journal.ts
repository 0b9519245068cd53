import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Log } from './log.js';

/** Something that could not be made durable: nothing of it was applied, and it may be sent again. */
export class NotDurableError extends Error {
  override readonly name = 'NotDurableError';
  /** `full`: too much waits already. `failing`: the disk takes nothing, for the reason in `cause`. */
  readonly reason: 'overloaded' | 'disk' | 'closed';

  constructor(reason: NotDurableError['reason'], options: { message: string; cause?: unknown }) {
    super(options.message, { cause: options.cause });
    this.reason = reason;
  }
}

/** What the state is changed through. */
export interface Journal {
  /**
   * Makes the entry durable, then applies it and resolves to what `apply` returns. Entries are applied in the order
   * in which they were committed. Rejects with a {@link NotDurableError}, and then `apply` was not called.
   */
  commit<T>(entry: Buffer, apply: () => T): Promise<T>;
  /** Nothing more is taken; what was taken is applied first. */
  close(): Promise<void>;
}

/** Nothing is kept: an entry is applied at once, within the same turn. */
export const MEMORY_JOURNAL: Journal = {
  // Not an async function: what it applies must have happened when it returns.
  commit: (_, apply) => {
    try {
      return Promise.resolve(apply());
    } catch (error) {
      return Promise.reject(error);
    }
  },
  close: () => Promise.resolve(),
};

/** Bytes of one write at most, unless a single entry is larger. */
const MAX_GROUP_BYTES = 8 * 1024 * 1024;
/** A disk that is busy with one write for longer does not work, whether or not it will say so. */
const STALLED_MS = 10_000;
/** After so long the applying of a group lets others have their turn. */
const MAX_TURN_MS = 8;

export interface JournalOptions {
  readonly log: Log;
  /** Bytes that wait at most; beyond it nothing is taken. */
  readonly maxQueueBytes: number;
  /** Called between groups, when all that is durable is applied and nothing else is: to keep a state, for example. */
  readonly betweenGroups: () => Promise<void>;
  /** Told of a failure of the disk, once, and of its end. */
  readonly onHealth: (failure: unknown) => void;
}

interface Pending {
  readonly entry: Buffer;
  /** Applies it, and tells who waits. */
  readonly apply: () => void;
  readonly refuse: (error: NotDurableError) => void;
}

/**
 * Group commit: everything that has come while the disk was busy is written and synced as one frame. When idle an
 * entry goes at once; under load the groups grow as large as the disk is slow.
 */
export class DurableJournal implements Journal {
  /** Bytes that wait at most. */
  maxQueueBytes: number;
  readonly #options: JournalOptions;
  #queue: Pending[] = [];
  #queueBytes = 0;
  #running: Promise<void> | undefined;
  #isClosed = false;
  #failure: unknown;
  #writingSinceMs: number | undefined;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.maxQueueBytes = options.maxQueueBytes;
  }

  get queueBytes(): number {
    return this.#queueBytes;
  }

  /** Something is under way: the state may lie between two entries of one group. */
  get isBusy(): boolean {
    return this.#running !== undefined;
  }

  /** Why the disk took nothing the last time; undefined while all is well. */
  get failure(): unknown {
    return this.#failure;
  }

  /** The disk has been busy with one write for so long that nobody shall wait for it any more. */
  get isStalled(): boolean {
    return this.#writingSinceMs !== undefined && performance.now() - this.#writingSinceMs >= STALLED_MS;
  }

  commit<T>(entry: Buffer, apply: () => T): Promise<T> {
    if (this.#isClosed) return Promise.reject(new NotDurableError('closed', { message: 'closing' }));
    if (this.#queueBytes > 0 && this.#queueBytes + entry.length > this.maxQueueBytes) {
      const message = 'more has come than the disk takes; send again later';
      return Promise.reject(new NotDurableError('overloaded', { message }));
    }
    // Whoever is told so now sends again; whoever waited would give up by itself, and some senders then lose what they have.
    if (this.isStalled) return Promise.reject(createRefusal(undefined));
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({
        entry,
        apply: () => {
          try {
            resolve(apply());
          } catch (error) {
            // A defect of ours; a replay of the log runs into it likewise, and goes on likewise.
            reject(error);
          }
        },
        refuse: reject,
      });
      this.#queueBytes += entry.length;
      this.#running ??= this.#run();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    // What comes in the same turn belongs to the same group.
    await undefined;
    while (this.#queue.length > 0) {
      const group = this.#takeGroup();
      try {
        this.#writingSinceMs = performance.now();
        await this.#options.log.append([frameEntries(group), ...group.map(({ entry }) => entry)]);
        this.#writingSinceMs = undefined;
        this.#note(undefined);
        await applyGroup(group);
      } catch (error) {
        this.#writingSinceMs = undefined;
        this.#note(error);
        for (const { refuse } of group) refuse(createRefusal(error));
      }
      for (const { entry } of group) this.#queueBytes -= entry.length;
      await this.#options.betweenGroups();
    }
    this.#running = undefined;
  }

  #takeGroup(): Pending[] {
    let bytes = 0;
    let count = 0;
    while (count < this.#queue.length && (count === 0 || bytes < MAX_GROUP_BYTES)) {
      bytes += this.#queue[count]!.entry.length;
      count += 1;
    }
    return this.#queue.splice(0, count);
  }

  #note(failure: unknown): void {
    const isNews = (failure === undefined) !== (this.#failure === undefined);
    this.#failure = failure;
    if (isNews) this.#options.onHealth(failure);
  }
}

async function applyGroup(group: readonly Pending[]): Promise<void> {
  let startMs = performance.now();
  for (const { apply } of group) {
    apply();
    if (performance.now() - startMs < MAX_TURN_MS) continue;
    await nextTurn();
    startMs = performance.now();
  }
}

const createRefusal = (cause: unknown): NotDurableError =>
  new NotDurableError('disk', {
    message: 'the data directory takes nothing at the moment; send again later',
    cause,
  });

/** The lengths of the entries, in front of them: their number first. */
function frameEntries(group: readonly Pending[]): Buffer {
  const lengths = Buffer.allocUnsafe(4 * (group.length + 1));
  lengths.writeUInt32LE(group.length, 0);
  for (const [index, { entry }] of group.entries()) lengths.writeUInt32LE(entry.length, 4 * (index + 1));
  return lengths;
}

/** The entries of one frame; throws a RangeError when it is none of ours. */
export function readEntries(payload: Buffer): Buffer[] {
  const count = payload.readUInt32LE(0);
  let start = 4 * (count + 1);
  const entries: Buffer[] = [];
  for (let index = 0; index < count; index += 1) {
    const end = start + payload.readUInt32LE(4 * (index + 1));
    entries.push(payload.subarray(start, end));
    start = end;
  }
  if (start !== payload.length) throw new RangeError('the lengths of a frame do not fit');
  return entries;
}
