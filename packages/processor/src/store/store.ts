import { PART_MEMORY, type Snapshot } from '@costspan/aggregate';
import type { Ledger } from '../ledger/ledger.js';
import type { ProcessorState, StatePart } from '../state.js';
import type { StateOptions } from '../state-options.js';
import { takeTurns } from '../turns.js';
import type { Disk, DiskFile } from './disk.js';
import { encodeFrame, encodeHeader } from './frames.js';
import { DurableJournal } from './journal.js';
import { Log, readPosition, stateName } from './log.js';
import { recover, STATE_END, UNFINISHED } from './recover.js';
import { encodePart } from './state-writer.js';

/** A state is kept when the log has grown to this, or to so many times the last state, whatever is more. */
const MIN_LOG_BYTES = 64 * 1024 * 1024;
const LOG_TO_STATE = 4;
/** Of a log that a start takes a second or two to read, the state is kept at once. */
const LONG_REPLAY_BYTES = 8 * 1024 * 1024;

export interface StoreOptions {
  readonly disk: Disk;
  /** For an empty directory. */
  readonly options: StateOptions;
  readonly maxQueueBytes: number;
  readonly ledger?: Ledger;
  /** Told of what fails and, with undefined, when it works again. */
  readonly onHealth: (failure: unknown) => void;
}

/** What the store tells of itself. */
export interface StoreHealth {
  readonly logBytes: number;
  readonly queueBytes: number;
  readonly truncatedBytes: number;
  readonly failures: number;
  /** When the last state was kept, milliseconds since the epoch; 0 when none was since the start. */
  readonly keptAtMs: number;
  readonly failure: unknown;
  /** The disk is busy with one write and does not come back from it. */
  readonly isStalled: boolean;
}

/** The state with a log under it: what was acknowledged survives the process. */
export class Store {
  readonly state: ProcessorState;
  readonly journal: DurableJournal;
  readonly #log: Log;
  readonly #disk: Disk;
  readonly #ledger: Ledger | undefined;
  readonly #onHealth: (failure: unknown) => void;
  readonly #truncatedBytes: number;
  #stateBytes: number;
  #keepAtBytes: number;
  #keeping: Promise<void> | undefined;
  #keptAtMs = 0;
  readonly #awaitingFlush: (() => void)[] = [];
  /** Undefined while no state is kept at all. */
  #keptPosition: number | undefined;
  #failures = 0;

  /** Opens a directory that is locked; throws a `CorruptDataError` when what was acknowledged is damaged. */
  static async open(options: StoreOptions): Promise<Store> {
    const recovered = await recover(options.disk, options.options, options.ledger);
    const { state, position, logBytes, stateBytes, truncatedBytes, failures } = recovered;
    const log = new Log(options.disk, { position, bytes: logBytes });
    const store = new Store(options, { state, log, stateBytes, truncatedBytes });
    for (const failure of failures) options.onHealth(failure);
    // What this start has read of the log, the one after the next crash shall not have to read again.
    if (stateBytes === 0 || logBytes >= LONG_REPLAY_BYTES) await store.keepState();
    // The log alone would not say under which options it began.
    if (stateBytes === 0) await store.#keeping;
    return store;
  }

  private constructor(
    { disk, maxQueueBytes, onHealth, ledger }: StoreOptions,
    found: { state: ProcessorState; log: Log; stateBytes: number; truncatedBytes: number },
  ) {
    this.state = found.state;
    this.#log = found.log;
    this.#disk = disk;
    this.#ledger = ledger;
    this.#onHealth = onHealth;
    this.#stateBytes = found.stateBytes;
    this.#truncatedBytes = found.truncatedBytes;
    this.#keepAtBytes = this.#limitBytes();
    this.journal = new DurableJournal({
      log: found.log,
      maxQueueBytes,
      betweenGroups: () => this.#betweenGroups(),
      onHealth: (failure) => this.#noteHealth(failure),
    });
  }

  get health(): StoreHealth {
    return {
      logBytes: this.#log.bytes,
      queueBytes: this.journal.queueBytes,
      truncatedBytes: this.#truncatedBytes,
      failures: this.#failures,
      keptAtMs: this.#keptAtMs,
      failure: this.journal.failure,
      isStalled: this.journal.isStalled,
    };
  }

  /** What is known of the ledger's truth; nothing where there is no ledger. */
  readAudit(): Snapshot[] {
    return this.#ledger?.readAudit() ?? [];
  }

  /** Writes the ledger, at once or when the group under way is applied. To be called about once a second. */
  flushLedger(): Promise<void> {
    if (!this.journal.isBusy) {
      this.#flushLedger();
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#awaitingFlush.push(resolve);
    });
  }

  async #betweenGroups(): Promise<void> {
    if (this.#awaitingFlush.length > 0) {
      this.#flushLedger();
      for (const resolve of this.#awaitingFlush.splice(0)) resolve();
    }
    if (this.#log.bytes >= this.#keepAtBytes) await this.keepState();
  }

  #flushLedger({ isLast = false } = {}): void {
    const ledger = this.#ledger;
    if (ledger === undefined) return;
    try {
      const isPending = ledger.book.pendingCount > 0;
      if (isPending && (isLast || ledger.isDue(this.state.nowMs)))
        ledger.flush(this.#log.position, { mustLast: false });
      ledger.rollUp(this.state.nowMs);
    } catch (error) {
      // What is pending stays so.
      this.#noteHealth(error);
    }
  }

  /**
   * Begins to read the state, between two groups of entries, and to write it; entries go on being applied meanwhile, the
   * state that is written is the one of this moment. Then the log up to there is needless.
   */
  async keepState(): Promise<void> {
    if (this.#keeping !== undefined || this.#keptPosition === this.#log.position) return;
    try {
      const { position, bytes } = this.#log;
      // The log that the ledger has not seen is needed until it has.
      this.#ledger?.flush(position, { mustLast: true });
      await this.#log.endFile();
      // Should this one fail, the next is tried when so much more has come.
      this.#keepAtBytes = bytes + this.#limitBytes();
      this.#keeping = this.#writeState(this.state.readState(), { position, bytes })
        .catch((error) => this.#noteHealth(error))
        .finally(() => {
          this.#keeping = undefined;
        });
    } catch (error) {
      this.#noteHealth(error);
    }
  }

  /** What was taken is applied, the state is kept: the next start reads no log. */
  async close(): Promise<void> {
    await this.journal.close();
    await this.#keeping;
    this.#flushLedger({ isLast: true });
    await this.keepState();
    await this.#keeping;
    await this.#log.endFile();
    this.#ledger?.close();
  }

  async #writeState(
    parts: Iterable<StatePart>,
    { position, bytes: logBytes }: { position: number; bytes: number },
  ): Promise<void> {
    const name = stateName(position);
    const unfinished = `${name}${UNFINISHED}`;
    const bytes = await writeParts(parts, async () => {
      await this.#disk.remove(unfinished);
      return this.#disk.create(unfinished);
    });
    await this.#disk.rename(unfinished, name);
    await this.#disk.sync();
    this.#stateBytes = bytes;
    this.#keptAtMs = this.state.nowMs;
    this.#keptPosition = position;
    await this.#dropOld(position, logBytes);
  }

  async #dropOld(position: number, logBytes: number): Promise<void> {
    for (const name of this.#disk.list()) {
      const other = readPosition(name, 'state');
      if (other !== undefined && other < position) await this.#disk.remove(name);
    }
    await this.#log.dropBefore(position, logBytes);
    this.#keepAtBytes = this.#log.bytes + this.#limitBytes();
  }

  #limitBytes(): number {
    return Math.max(MIN_LOG_BYTES, this.#stateBytes * LOG_TO_STATE);
  }

  #noteHealth(failure: unknown): void {
    if (failure !== undefined) this.#failures += 1;
    this.#onHealth(failure);
  }
}

/** Writes a whole state to the file that is created; resolves to its bytes once they are durable. */
async function writeParts(parts: Iterable<StatePart>, create: () => Promise<DiskFile>): Promise<number> {
  let bytes = 0;
  try {
    const file = await create();
    try {
      // One part at a time: while the disk is busy with it others have their turn, and no two of them are in memory.
      for (const buffers of encodeState(parts)) {
        await file.write(buffers, bytes);
        for (const { length } of buffers) bytes += length;
      }
      await file.sync();
    } finally {
      await file.close();
    }
  } finally {
    // What is read of a state that goes on changing has to be read to its end, also where it can be written no more.
    for await (const _ of takeTurns(parts));
  }
  return bytes;
}

/** The file of a state, part by part. */
function* encodeState(parts: Iterable<StatePart>): IterableIterator<Buffer[]> {
  yield [encodeHeader('state')];
  let number = 0;
  for (const part of parts) {
    number += 1;
    yield encodeFrame(number, encodePart(part));
    // It is written when the next one is asked for.
    if ('rows' in part) PART_MEMORY.giveBack(part.rows);
    else if (part.part === 'dedupe') PART_MEMORY.giveBack(part.spans);
  }
  yield encodeFrame(number + 1, [Buffer.from(STATE_END)]);
}
