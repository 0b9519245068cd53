import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DiskFile, openDisk } from '../src/store/disk.ts';
import { readName } from '../src/store/name.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'costspan-name-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const read = () => readName(openDisk(directory));
/** A disk that takes nothing more. */
const fill = (file: DiskFile): DiskFile => ({
  ...file,
  write: () => Promise.reject(new Error('ENOSPC: no space left on device, write')),
});
const path = () => join(directory, 'name');

describe('the name of a data directory', () => {
  it('stays, and is only the owner’s to read', async () => {
    const name = await read();
    expect([await read(), readFileSync(path(), 'utf8')]).toEqual([name, name]);
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory)).toEqual(['name']);
  });

  it.each(['', 'e3b0c442-98fc-1c14', 'somebody@example.com'])(
    'is made anew where the file holds %j',
    async (held) => {
      writeFileSync(path(), held);
      const name = await read();
      expect(name).not.toBe(held);
      expect(await read()).toBe(name);
    },
  );

  it('is not made where nothing can be written, and made anew where something can again', async () => {
    const disk = openDisk(directory);
    const full = { ...disk, create: async (name: string) => fill(await disk.create(name)) };
    await expect(readName(full)).rejects.toThrow('ENOSPC');
    expect(readdirSync(directory)).toEqual(['name.new']);
    const name = await read();
    expect(readdirSync(directory)).toEqual(['name']);
    expect(await read()).toBe(name);
  });

  it('is made although a start was broken off while it was written', async () => {
    writeFileSync(`${path()}.new`, 'e3b0c4');
    expect(await read()).toBe(readFileSync(path(), 'utf8'));
  });
});
