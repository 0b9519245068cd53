import { encodeEntry } from './entry.js';
import { Ledger } from './ledger/ledger.js';
import type { LedgerRetention } from './ledger/writer.js';
import type { StateOptions } from './state.js';
import { openDisk } from './store/disk.js';
import { lockDirectory } from './store/lock.js';
import { pack } from './store/pack.js';
import { Store } from './store/store.js';

/** A data directory in use. */
export interface OpenData {
  readonly store: Store;
  readonly ledger: Ledger;
  readonly directory: string;
  /** Keeps the state and lets the directory go. */
  close(): Promise<void>;
}

export interface DataOptions {
  readonly options: StateOptions;
  readonly retention: LedgerRetention;
  /** Bytes that may wait to become durable. */
  readonly maxQueueBytes: number;
  /** Told of what fails and, with undefined, when it works again. */
  readonly onHealth: (failure: unknown) => void;
}

/**
 * Opens a directory, makes the state of it again and goes on under these options. Throws a `LockedError`, a
 * `CorruptDataError` or the error of the system.
 */
export async function openData(directory: string, options: DataOptions): Promise<OpenData> {
  const disk = openDisk(directory);
  const unlock = lockDirectory(directory);
  try {
    const ledger = Ledger.open(directory, options.retention);
    const store = await Store.open({ disk, ledger, ...options });
    const close = async () => {
      await store.close();
      unlock();
    };
    await changeOptions(store, options.options);
    return { store, ledger, directory, close };
  } catch (error) {
    unlock();
    throw error;
  }
}

/** What was kept under another configuration goes on under this one, from here on. */
async function changeOptions({ state, journal }: Store, options: StateOptions): Promise<void> {
  if (pack(options).equals(pack(state.options))) return;
  const entry = { kind: 'options', nowMs: state.nowMs, options } as const;
  await journal.commit(encodeEntry(entry), () => state.apply(entry));
}
