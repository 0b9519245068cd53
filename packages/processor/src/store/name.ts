import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Disk } from './disk.js';

const NAME_FILE = 'name';
const NAME = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The name of a processor without a data directory: what it has counted goes with it. */
export const createName = (): string => randomUUID();

/**
 * The name of a data directory: whoever runs on it goes on with what it has counted, under whatever address. Made where
 * there is none, and durable before anybody hears of it. Throws the error of the system.
 */
export async function readName(directory: string, disk: Disk): Promise<string> {
  const path = join(directory, NAME_FILE);
  const kept = disk.list().includes(NAME_FILE) ? readFileSync(path, 'utf8') : '';
  if (NAME.test(kept)) return kept;
  const name = createName();
  const written = `${path}.new`;
  const file = openSync(written, 'w', 0o600);
  try {
    writeFileSync(file, name);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(written, path);
  await disk.sync();
  return name;
}
