import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const LOCK_FILE = 'lock';

/** The directory is in use. */
export class LockedError extends Error {
  override readonly name = 'LockedError';
  constructor(directory: string) {
    super(`${directory} is in use by another processor`);
  }
}

/**
 * Takes the directory for this process until the returned function is called; throws a {@link LockedError} while
 * another process has it. Node has no file locks of its own, SQLite has: the system drops them when their process ends
 * in whatever way, so none is ever stale, and they hold between containers, where the ids of processes do not.
 */
export function lockDirectory(directory: string): () => void {
  const path = join(directory, LOCK_FILE);
  if (!existsSync(path)) writeFileSync(path, '', { mode: 0o600 });
  chmodSync(path, 0o600);
  const database = new DatabaseSync(path);
  try {
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (error instanceof Error && error.message.includes('locked')) throw new LockedError(directory);
    throw error;
  }
  return () => database.close();
}
