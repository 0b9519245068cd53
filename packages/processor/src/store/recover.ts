import { decodeEntry, type Entry } from '../entry.js';
import type { Ledger } from '../ledger/ledger.js';
import { ProcessorState, type StateOptions, type StatePart } from '../state.js';
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
  const kept = readKeptState(disk);
  const state =
    kept === undefined
      ? new ProcessorState(options, ledger?.book)
      : readAs(kept.name, () => ProcessorState.restore(kept.parts, ledger?.book));
  const log = readLog(disk, kept?.position ?? 0);
  // The process before may have been killed between a write and its sync: what the state stands on from here on must not
  // go with the next loss of power.
  for (const name of log.names) await disk.syncFile(name);
  if (log.names.length > 0) await disk.sync();
  ledger?.begin(kept?.position ?? 0);
  const failures = log.frames.flatMap((frame) => {
    const failed = applyFrame(state, frame);
    ledger?.noteApplied(frame.position);
    return failed;
  });
  const position = log.frames.at(-1)?.position ?? kept?.position ?? 0;
  ledger?.finish(position);
  state.beginCounting();
  const { logBytes, truncatedBytes } = log;
  return { state, position, logBytes, stateBytes: kept?.bytes ?? 0, truncatedBytes, failures };
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

interface ReadLog {
  /** Of the files that hold them. */
  readonly names: readonly string[];
  readonly frames: readonly LogFrame[];
  readonly logBytes: number;
  readonly truncatedBytes: number;
}

/** The frames after the position, in order and without a gap. */
function readLog(disk: Disk, after: number): ReadLog {
  const firsts = disk
    .list()
    .flatMap((name) => readPosition(name, 'log') ?? [])
    .sort((a, b) => a - b);
  const frames: LogFrame[] = [];
  const names: string[] = [];
  let logBytes = 0;
  let truncatedBytes = 0;
  for (const [index, first] of firsts.entries()) {
    const name = logName(first);
    const bytes = disk.read(name);
    const file = readFrames(bytes, 'log');
    const nextFirst = firsts[index + 1];
    checkVersion(name, file);
    checkDamage(name, file, nextFirst);
    logBytes += file.goodBytes;
    if (nextFirst === undefined && file.damage === 'torn') {
      truncatedBytes += bytes.length - file.goodBytes;
      // An empty file would be taken for one that was never begun: it is cut away whole, with its name.
      if (file.goodBytes > HEADER_BYTES) disk.truncate(name, file.goodBytes);
    }
    if (file.frames.length > 0) names.push(name);
    // A file that begins at a position replaces what an abandoned one holds from there on.
    for (const frame of file.frames) {
      if (frame.position <= after || frame.position >= (nextFirst ?? Number.POSITIVE_INFINITY)) continue;
      checkFollows(name, frame, frames.at(-1)?.position ?? after);
      frames.push({ ...frame, file: name });
    }
  }
  return { names, frames, logBytes, truncatedBytes };
}

/** A torn end is that of the last write, or of one after whose failure a new file went on at the same place. */
function checkDamage(name: string, file: FrameFile, nextFirst: number | undefined): void {
  const { damage, goodBytes, frames } = file;
  if (damage === undefined) return;
  const lastPosition = frames.at(-1)?.position;
  const isReplaced = nextFirst === undefined || lastPosition === undefined || nextFirst <= lastPosition + 1;
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
