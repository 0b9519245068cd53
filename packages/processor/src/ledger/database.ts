import { accessSync, chmodSync, constants, existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { LEDGER_AMOUNTS, LEDGER_LABELS } from './row.js';

export const LEDGER_FILE = 'ledger.db';
/** Version of the tables; one that is higher was made by a later costspan. */
const SCHEMA_VERSION = 1;
/** Readers and writers wait for one another so long. */
const BUSY_TIMEOUT_MS = 5_000;
const WAIT = `PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`;

const labelColumns = LEDGER_LABELS.map((label) => `${label} TEXT NOT NULL`).join(', ');
const amountColumns = LEDGER_AMOUNTS.map((amount) => `${amount} INTEGER NOT NULL`).join(', ');

/**
 * `labels`: the label sets. `cost`: what was booked, by hour, later by day and by month (`grain`), from `start` on,
 * seconds since the epoch, UTC. `correction`: what was found afterwards to be wrong with it, never mixed into it.
 */
const SCHEMA = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE labels (id INTEGER PRIMARY KEY, ${labelColumns}, UNIQUE (${LEDGER_LABELS.join(', ')})) STRICT;
CREATE TABLE cost (
  start INTEGER NOT NULL,
  grain TEXT NOT NULL CHECK (grain IN ('hour', 'day', 'month')),
  labels INTEGER NOT NULL REFERENCES labels (id),
  ${amountColumns},
  PRIMARY KEY (start, grain, labels)
) STRICT, WITHOUT ROWID;
CREATE TABLE correction (
  id INTEGER PRIMARY KEY,
  run TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  reason TEXT NOT NULL,
  start INTEGER NOT NULL,
  labels INTEGER NOT NULL REFERENCES labels (id),
  list_micro_usd INTEGER NOT NULL,
  list_rest_pico_usd INTEGER NOT NULL,
  cost_micro_usd INTEGER NOT NULL,
  cost_rest_pico_usd INTEGER NOT NULL
) STRICT;
CREATE INDEX correction_start ON correction (start);
PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** The ledger cannot be used: what is wrong and what to do about it. */
export class LedgerError extends Error {
  override readonly name = 'LedgerError';
  readonly code: string;
  readonly fix: string;
  constructor({ code, message, fix }: { code: string; message: string; fix: string }) {
    super(message);
    this.code = code;
    this.fix = fix;
  }
}

/** What is in the file is damaged (SQLITE_CORRUPT), or no database at all (SQLITE_NOTADB). */
const DAMAGE = [11, 26];
/** A file beside the database would have to be written and cannot (SQLITE_READONLY, SQLITE_CANTOPEN). */
const NOT_WRITABLE = [8, 14];

/** SQLite's code of what went wrong, without its finer parts; undefined for an error of anybody else. */
const readErrorCode = (error: unknown): number | undefined =>
  error instanceof Error && 'errcode' in error ? Number(error.errcode) % 256 : undefined;

const WRITABLE = 'name a directory with --data that this user may write to, on a disk with room';

/** Opens a file by SQLite, whose errors name neither the file nor what to do. Throws a {@link LedgerError}. */
export function openFile<T>(path: string, open: () => T, fix = WRITABLE): T {
  try {
    return open();
  } catch (error) {
    const code = readErrorCode(error);
    if (code === undefined) throw error;
    const isDamaged = DAMAGE.includes(code);
    throw new LedgerError({
      code: isDamaged ? 'COSTSPAN_DATA_CORRUPT' : 'COSTSPAN_DATA_UNUSABLE',
      message: `${path} cannot be used: ${error instanceof Error ? error.message : 'unknown'}`,
      fix: isDamaged
        ? 'restore the whole directory from one backup, or move this file away: a new one begins with what is open'
        : fix,
    });
  }
}

/** All of the work is in the ledger, or none of it. */
export function transact(database: DatabaseSync, work: () => void): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    work();
    database.exec('COMMIT');
  } catch (error) {
    try {
      database.exec('ROLLBACK');
    } catch {
      // SQLite has done so by itself, as when the disk is full.
    }
    throw error;
  }
}

/** Opens the ledger of a data directory to write, making it where there is none. */
export function openLedgerToWrite(directory: string): DatabaseSync {
  const path = join(directory, LEDGER_FILE);
  return openFile(path, () => openToWrite(path));
}

function openToWrite(path: string): DatabaseSync {
  if (!existsSync(path)) writeFileSync(path, '', { mode: 0o600 });
  chmodSync(path, 0o600);
  const database = new DatabaseSync(path);
  database.exec(WAIT);
  // In write-ahead mode readers see a whole ledger while it is written; FULL: a commit is durable when it returns.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
  if (readVersion(database) === 0) database.exec(`BEGIN; ${SCHEMA} COMMIT`);
  checkVersion(database, path);
  return database;
}

const READABLE = 'name a directory with --data whose ledger.db this user may read';

/**
 * Opens it to read, while a processor writes it or not, and where nothing may be written, too. Throws a
 * {@link LedgerError} where there is none, or none that can be read.
 */
export function openLedgerToRead(directory: string): DatabaseSync {
  const path = join(directory, LEDGER_FILE);
  checkReadable(directory, path);
  return openFile(
    path,
    () => {
      try {
        return openToRead(path, path);
      } catch (error) {
        if (!NOT_WRITABLE.includes(readErrorCode(error) ?? 0)) throw error;
        return openUnchanging(path);
      }
    },
    READABLE,
  );
}

function checkReadable(directory: string, path: string): void {
  try {
    accessSync(path, constants.R_OK);
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new LedgerError(
      isMissing
        ? {
            code: 'COSTSPAN_LEDGER_MISSING',
            message: `there is no ledger in ${directory}`,
            fix: 'name the directory that costspan processor has as --data',
          }
        : {
            code: 'COSTSPAN_DATA_UNUSABLE',
            message: `${path} cannot be read by this user`,
            fix: READABLE,
          },
    );
  }
}

function openToRead(path: string, location: string | URL): DatabaseSync {
  const database = new DatabaseSync(location, { readOnly: true });
  try {
    database.exec(WAIT);
    checkVersion(database, path);
    return database;
  } catch (error) {
    if (database.isOpen) database.close();
    throw error;
  }
}

/**
 * A ledger that nobody writes, where nothing may be written: SQLite is told that it does not change, as its readers
 * otherwise agree with writers by files beside it. What a processor that was cut off has left in its log would be missing.
 */
function openUnchanging(path: string): DatabaseSync {
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false });
  if (log !== undefined && log.size > 0)
    throw new LedgerError({
      code: 'COSTSPAN_DATA_UNUSABLE',
      message: `${path} was not closed, and the rest of it in ${LEDGER_FILE}-wal cannot be read where nothing may be written`,
      fix: 'copy the directory to where this user may write, and name the copy with --data',
    });
  const location = pathToFileURL(path);
  location.search = 'immutable=1';
  return openToRead(path, location);
}

const readVersion = (database: DatabaseSync): number =>
  Number(database.prepare('PRAGMA user_version').get()?.user_version);

function checkVersion(database: DatabaseSync, path: string): void {
  const version = readVersion(database);
  if (version === SCHEMA_VERSION) return;
  database.close();
  throw new LedgerError({
    code: 'COSTSPAN_LEDGER_VERSION',
    message: `${path} has version ${version} of the ledger, this costspan knows ${SCHEMA_VERSION}`,
    fix: 'use the version of costspan that wrote it, or a newer one',
  });
}
