import { isDeepStrictEqual } from 'node:util';
import { encodeEntry } from './entry.js';
import type { ClickHouse } from './ledger/clickhouse/clickhouse.js';
import { Outbox } from './ledger/clickhouse/outbox.js';
import { Shipper } from './ledger/clickhouse/shipper.js';
import { Ledger } from './ledger/ledger.js';
import type { LedgerRetention } from './ledger/sink.js';
import type { StateOptions } from './state-options.js';
import { openDisk } from './store/disk.js';
import { lockDirectory } from './store/lock.js';
import { readName } from './store/name.js';
import { Store } from './store/store.js';

/** A data directory in use. */
export interface OpenData {
  readonly store: Store;
  readonly ledger: Ledger;
  readonly directory: string;
  /** Who has counted all this, whichever process it was. */
  readonly name: string;
  readonly clickHouse?: ClickHouse | undefined;
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
  /** Where the ledger goes instead of a file in the directory. */
  readonly clickHouse?: ClickHouse | undefined;
  /** Told when ClickHouse takes nothing and, with undefined, when it does again. */
  readonly onLedgerHealth: (failure: unknown) => void;
}

/**
 * Opens a directory, makes the state of it again and goes on under these options. Throws a `LockedError`, a
 * `CorruptDataError` or the error of the system.
 */
export async function openData(directory: string, options: DataOptions): Promise<OpenData> {
  const disk = openDisk(directory);
  const unlock = lockDirectory(directory);
  try {
    const outbox = options.clickHouse === undefined ? undefined : new Outbox(directory);
    const { retention } = options;
    const ledger = outbox === undefined ? Ledger.open(directory, retention) : new Ledger(outbox, retention);
    const name = await readName(disk);
    const store = await Store.open({ disk, ledger, ...options });
    const shipper = startShipper(outbox, options);
    const close = async () => {
      await store.close();
      await shipper?.close();
      unlock();
    };
    await changeOptions(store, options.options);
    return { store, ledger, directory, name, clickHouse: options.clickHouse, close };
  } catch (error) {
    unlock();
    throw error;
  }
}

function startShipper(
  outbox: Outbox | undefined,
  { clickHouse, onLedgerHealth }: DataOptions,
): Shipper | undefined {
  if (outbox === undefined || clickHouse === undefined) return undefined;
  const shipper = new Shipper(outbox, clickHouse, onLedgerHealth);
  shipper.start();
  return shipper;
}

/** What was kept under another configuration goes on under this one, from here on. */
async function changeOptions({ state, journal }: Store, options: StateOptions): Promise<void> {
  if (isDeepStrictEqual(options, state.options)) return;
  const entry = { kind: 'options', nowMs: state.nowMs, options } as const;
  await journal.commit(encodeEntry(entry), () => state.apply(entry));
}
