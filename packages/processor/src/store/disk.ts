import {
  closeSync,
  fdatasync,
  fstatSync,
  fsync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** One directory, and of the file system only what a log needs: so narrow that tests can make it fail at any place. */
export interface Disk {
  list(): string[];
  /** Opens a file to read it. */
  read(name: string): DiskReading;
  /** Cuts a file that a crash has left torn. */
  truncate(name: string, bytes: number): void;
  /** Makes durable what a process that is no more has written. */
  syncFile(name: string): Promise<void>;
  /** A new file; fails where there is one. */
  create(name: string): Promise<DiskFile>;
  /** Replaces, in one step. */
  rename(from: string, to: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Makes what was created, renamed and removed durable. */
  sync(): Promise<void>;
}

/** A file that is read bit by bit. */
export interface DiskReading {
  readonly bytes: number;
  /** Fills all of the buffer with what stands from the place on. */
  read(into: Buffer, atByte: number): void;
  close(): void;
}

/** A file that is written from its start to its end. */
export interface DiskFile {
  /** Writes all of the buffers at the place, or rejects. */
  write(buffers: readonly Buffer[], atByte: number): Promise<void>;
  sync(): Promise<void>;
  truncate(bytes: number): Promise<void>;
  close(): Promise<void>;
}

/** Only the owner reads what is kept. */
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;

/** By number: the handles of Yarn's Plug'n'Play can do neither. */
const syncAll = promisify(fsync);
const syncData = promisify(fdatasync);

/** A directory of the file system; made where there is none. */
export function openDisk(directory: string): Disk {
  makeDirectory(resolve(directory), DIRECTORY_MODE);
  const path = (name: string): string => join(directory, name);
  return {
    list: () => readdirSync(directory),
    read: (name) => readPath(path(name)),
    truncate: (name, bytes) => truncateSync(path(name), bytes),
    syncFile: (name) => syncPath(path(name)),
    create: async (name) => createFile(await open(path(name), 'wx', FILE_MODE), path(name)),
    rename: (from, to) => rename(path(from), path(to)),
    remove: (name) => rm(path(name), { force: true }),
    sync: () => syncPath(directory),
  };
}

/**
 * Makes a directory where there is none, with those above it. Node's own way to do that never ends where the system has
 * none made, as under `/proc`. Throws what the system says.
 */
export function makeDirectory(path: string, mode?: number): void {
  if (isDirectory(path)) return;
  makeDirectory(dirname(path), mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // Another process has made it meanwhile.
    if (!isDirectory(path)) throw error;
  }
}

const isDirectory = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

function readPath(path: string): DiskReading {
  const file = openSync(path, 'r');
  return {
    bytes: fstatSync(file).size,
    read: (into, atByte) => {
      try {
        for (let done = 0; done < into.length; ) {
          const count = readSync(file, into, done, into.length - done, atByte + done);
          if (count === 0) throw new Error('the file has become shorter while it was read');
          done += count;
        }
      } catch (error) {
        throw withPath(error, path);
      }
    },
    close: () => closeSync(file),
  };
}

/** By the path a failure of the start is known as one of the directory. */
const withPath = (error: unknown, path: string): Error => Object.assign(error as Error, { path });

async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await syncAll(handle.fd);
  } catch (error) {
    throw withPath(error, path);
  } finally {
    await handle.close();
  }
}

/** `writev` takes no more buffers at once on some systems. */
const MAX_BUFFERS = 1_000;

function createFile(handle: FileHandle, path: string): DiskFile {
  const named = (done: Promise<void>): Promise<void> =>
    done.catch((error: unknown) => {
      throw withPath(error, path);
    });
  return {
    write: (buffers, atByte) => named(writeAll(handle, buffers, atByte)),
    sync: () => named(syncData(handle.fd)),
    truncate: (bytes) => handle.truncate(bytes),
    close: () => handle.close(),
  };
}

async function writeAll(handle: FileHandle, buffers: readonly Buffer[], atByte: number): Promise<void> {
  let position = atByte;
  for (let first = 0; first < buffers.length; first += MAX_BUFFERS) {
    let rest = buffers.slice(first, first + MAX_BUFFERS);
    while (rest.length > 0) {
      const { bytesWritten } = await handle.writev(rest, position);
      position += bytesWritten;
      rest = dropBytes(rest, bytesWritten);
    }
  }
}

/** A write may be taken in part. */
function dropBytes(buffers: readonly Buffer[], count: number): Buffer[] {
  let rest = count;
  return buffers.flatMap((bytes) => {
    const dropped = Math.min(rest, bytes.length);
    rest -= dropped;
    return dropped === bytes.length ? [] : [bytes.subarray(dropped)];
  });
}
