import { decodeEntry, type Entry } from '../entry.js';
import type { Ledger } from '../ledger/ledger.js';
import { ProcessorState, type StatePart } from '../state.js';
import type { StateOptions } from '../state-options.js';
import type { Disk } from './disk.js';
import { FORM_VERSION, type Frame, type FrameFile, HEADER_BYTES, readFrames } from './frames.js';
import { readEntries } from './journal.js';
import { logName, readPosition, stateName } from './log.js';
import { decodePart } from './state-reader.js';

/** What is kept is damaged where it had been acknowledged: nothing is guessed. */
export class CorruptDataError extends Error {
  override readonly name = 'CorruptDataError';
  readonly file: string;
  /** Byte in the file. */
  readonly offset: number;

  constructor(file: string, offset: number, options: { message: string }) {
    super(`${file}, byte ${offset}: ${options.message}`);
    this.file = file;
    this.offset = offset;
  }
}

/** What is kept is whole, and of a form that this version does not read: another version of costspan has written it. */
export class DataVersionError extends Error {
  override readonly name = 'DataVersionError';

  constructor(file: string, options: { message: string; cause?: unknown }) {
    super(`${file}: ${options.message}`, { cause: options.cause });
  }
}

/** What was found in a directory. */
export interface Recovered {
  readonly state: ProcessorState;
  /** Of the last entry of the log that is whole. */
  readonly position: number;
  readonly logBytes: number;
  /** Of the newest kept state; 0 when there is none. */
  readonly stateBytes: number;
  /** Cut from the end of the log: a write that a crash broke off, acknowledged to nobody. */
  readonly truncatedBytes: number;
  /** Entries that a defect of ours kept from being applied, as it did when they came. */
  readonly failures: readonly unknown[];
}

/** Ends a state file: one without it was never whole. */
export const STATE_END = 'end';
export const UNFINISHED = '.unfinished';

/** Makes the state again from the newest kept state and what the log holds after it. `options`: for an empty directory. */
export async function recover(disk: Disk, options: StateOptions, ledger?: Ledger): Promise<Recovered> {
  for (const name of disk.list()) if (name.endsWith(UNFINISHED)) await disk.remove(name);
  const { state, position: after, bytes: stateBytes } = restoreState(disk, options, ledger);
  const log = checkLog(disk, after);
  // The process before may have been killed between a write and its sync: what the state stands on from here on must not
  // go with the next loss of power.
  for (const name of log.names) await disk.syncFile(name);
  if (log.names.length > 0) await disk.sync();
  ledger?.begin(after);
  const failures: unknown[] = [];
  for (const frame of readLogFrames(disk, log.files, after)) {
    failures.push(...applyFrame(state, frame));
    ledger?.noteApplied(frame.position);
  }
  const { position, logBytes, truncatedBytes } = log;
  ledger?.finish(position);
  state.beginCounting();
  return { state, position, logBytes, stateBytes, truncatedBytes, failures };
}

/** The state that was kept last, else an empty one at position 0. What was read of the file is let go with it. */
function restoreState(
  disk: Disk,
  options: StateOptions,
  ledger: Ledger | undefined,
): { state: ProcessorState; position: number; bytes: number } {
  const kept = readKeptState(disk);
  if (kept === undefined) return { state: new ProcessorState(options, ledger?.book), position: 0, bytes: 0 };
  const { name, position, bytes, parts } = kept;
  return { state: readAs(name, () => ProcessorState.restore(parts, ledger?.book)), position, bytes };
}

function applyFrame(state: ProcessorState, frame: LogFrame): unknown[] {
  const failures: unknown[] = [];
  for (const entry of readFrameEntries(frame)) {
    try {
      state.apply(entry);
    } catch (error) {
      failures.push(error);
    }
  }
  return failures;
}

interface KeptState {
  readonly name: string;
  readonly position: number;
  readonly bytes: number;
  readonly parts: Iterable<StatePart>;
}

function readKeptState(disk: Disk): KeptState | undefined {
  const position = Math.max(-1, ...disk.list().flatMap((name) => readPosition(name, 'state') ?? []));
  if (position < 0) return undefined;
  const name = stateName(position);
  const bytes = disk.read(name);
  const file = readFrames(bytes, 'state');
  checkVersion(name, file);
  const { frames, goodBytes, damage } = file;
  const isWhole = damage === undefined && frames.at(-1)?.payload.toString() === STATE_END;
  if (!isWhole) throw new CorruptDataError(name, goodBytes, { message: 'the kept state is damaged' });
  return { name, position, bytes: bytes.length, parts: readParts(frames) };
}

function* readParts(frames: readonly Frame[]): IterableIterator<StatePart> {
  for (const { payload } of frames.slice(0, -1)) yield decodePart(payload);
}

/** A frame, and the file that holds it. */
interface LogFrame extends Frame {
  readonly file: string;
}

function* readFrameEntries({ payload, file }: LogFrame): IterableIterator<Entry> {
  for (const bytes of readAs(file, () => readEntries(payload))) yield readAs(file, () => decodeEntry(bytes));
}

/** The checksum was right, so that what cannot be read is as it was written: by another version. */
function readAs<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unknown';
    throw new DataVersionError(file, {
      message: `it was written by another version of costspan, in a form that this one does not read (${reason})`,
      cause,
    });
  }
}

function checkVersion(file: string, { otherVersion }: FrameFile): void {
  if (otherVersion === undefined) return;
  const message = `it is in form ${otherVersion}, this costspan reads up to form ${FORM_VERSION}`;
  throw new DataVersionError(file, { message });
}

/** A file of the log, and where the next one begins, which replaces what it holds from there on. */
interface LogFile {
  readonly name: string;
  readonly end: number;
}

interface CheckedLog {
  readonly files: readonly LogFile[];
  /** Of them, those that hold something. */
  readonly names: readonly string[];
  /** Of the last frame. */
  readonly position: number;
  readonly logBytes: number;
  readonly truncatedBytes: number;
}

/**
 * Looks through the whole log before anything of it is applied: each frame is whole, and none is missing. Of the files
 * nothing is kept meanwhile: a log may be several times as large as all that is known.
 */
function checkLog(disk: Disk, after: number): CheckedLog {
  const files = listLogFiles(disk);
  const names: string[] = [];
  let position = after;
  let logBytes = 0;
  let truncatedBytes = 0;
  for (const file of files) {
    const { name, end } = file;
    const bytes = disk.read(name);
    const read = readFrames(bytes, 'log');
    checkVersion(name, read);
    checkDamage(name, read, end);
    logBytes += read.goodBytes;
    if (end === Number.POSITIVE_INFINITY && read.damage === 'torn') {
      truncatedBytes += bytes.length - read.goodBytes;
      // An empty file would be taken for one that was never begun: it is cut away whole, with its name.
      if (read.goodBytes > HEADER_BYTES) disk.truncate(name, read.goodBytes);
    }
    if (read.frames.length > 0) names.push(name);
    for (const frame of pickFrames(read, file, after)) {
      checkFollows(name, frame, position);
      position = frame.position;
    }
  }
  return { files, names, position, logBytes, truncatedBytes };
}

function listLogFiles(disk: Disk): LogFile[] {
  const firsts = disk
    .list()
    .flatMap((name) => readPosition(name, 'log') ?? [])
    .sort((a, b) => a - b);
  return firsts.map((first, index) => ({
    name: logName(first),
    end: firsts[index + 1] ?? Number.POSITIVE_INFINITY,
  }));
}

/** The frames after the position, in order, a file at a time. */
function* readLogFrames(disk: Disk, files: readonly LogFile[], after: number): IterableIterator<LogFrame> {
  for (const file of files)
    for (const frame of pickFrames(readFrames(disk.read(file.name), 'log'), file, after))
      yield { ...frame, file: file.name };
}

const pickFrames = ({ frames }: FrameFile, { end }: LogFile, after: number): Frame[] =>
  frames.filter(({ position }) => position > after && position < end);

/** A torn end is that of the last write, or of one after whose failure a new file went on at the same place. */
function checkDamage(name: string, file: FrameFile, nextFirst: number): void {
  const { damage, goodBytes, frames } = file;
  if (damage === undefined) return;
  const lastPosition = frames.at(-1)?.position;
  const isLast = nextFirst === Number.POSITIVE_INFINITY;
  const isReplaced = isLast || lastPosition === undefined || nextFirst <= lastPosition + 1;
  if (damage === 'torn' && isReplaced) return;
  const message =
    damage === 'header' ? 'this is no log of costspan' : 'the log is damaged, and goes on behind';
  throw new CorruptDataError(name, goodBytes, { message });
}

function checkFollows(name: string, { position }: Frame, previous: number): void {
  if (position === previous + 1) return;
  const message = `the entries ${previous + 1} to ${position - 1} are missing`;
  throw new CorruptDataError(name, HEADER_BYTES, { message });
}
