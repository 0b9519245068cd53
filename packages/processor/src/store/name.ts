import { randomUUID } from 'node:crypto';
import type { Disk } from './disk.js';

const NAME_FILE = 'name';
const NEW_FILE = `${NAME_FILE}.new`;
const NAME = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const NAME_BYTES = 36;

/** The name of a processor without a data directory: what it has counted goes with it. */
export const createName = (): string => randomUUID();

/**
 * The name of a data directory: whoever runs on it goes on with what it has counted, under whatever address. Made where
 * there is none, and durable before anybody hears of it. Rejects with the error of the system.
 */
export async function readName(disk: Disk): Promise<string> {
  const kept = disk.list().includes(NAME_FILE) ? readKept(disk) : '';
  if (NAME.test(kept)) return kept;
  const name = createName();
  await disk.remove(NEW_FILE);
  const file = await disk.create(NEW_FILE);
  try {
    await file.write([Buffer.from(name)], 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.rename(NEW_FILE, NAME_FILE);
  await disk.sync();
  return name;
}

function readKept(disk: Disk): string {
  const file = disk.read(NAME_FILE);
  try {
    if (file.bytes !== NAME_BYTES) return '';
    const kept = Buffer.alloc(NAME_BYTES);
    file.read(kept, 0);
    return kept.toString();
  } finally {
    file.close();
  }
}
