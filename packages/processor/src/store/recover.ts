import { decodeEntry, type Entry } from '../entry.js';
import type { Ledger } from '../ledger/ledger.js';
import { ProcessorState, type StatePart } from '../state.js';
import type { StateOptions } from '../state-options.js';
import type { Disk } from './disk.js';
import { type Frame, FrameReader } from './frame-reader.js';
import { FORM_VERSION, HEADER_BYTES } from './frames.js';
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

/** The state that was kept last, else an empty one at position 0. */
function restoreState(
  disk: Disk,
  options: StateOptions,
  ledger: Ledger | undefined,
): { state: ProcessorState; position: number; bytes: number } {
  const kept = findKeptState(disk);
  if (kept === undefined) return { state: new ProcessorState(options, ledger?.book), position: 0, bytes: 0 };
  const { name, position, bytes } = kept;
  const parts = readParts(disk, kept);
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
  readonly frameCount: number;
}

const openState = (disk: Disk, name: string): FrameReader =>
  new FrameReader(disk.read(name), { kind: 'state', first: 1 });

/** The newest kept state. All of it was looked at: nothing of one that is damaged is brought back. */
function findKeptState(disk: Disk): KeptState | undefined {
  const position = Math.max(-1, ...disk.list().flatMap((name) => readPosition(name, 'state') ?? []));
  if (position < 0) return undefined;
  const name = stateName(position);
  const reader = openState(disk, name);
  let isEnded = false;
  for (const { payload } of reader.frames()) isEnded = payload.equals(LAST_PAYLOAD);
  checkVersion(name, reader);
  const { goodBytes: bytes, count: frameCount, damage } = reader;
  if (damage !== undefined || !isEnded)
    throw new CorruptDataError(name, bytes, { message: 'the kept state is damaged' });
  return { name, position, bytes, frameCount };
}

const LAST_PAYLOAD = Buffer.from(STATE_END);

/** Each part holds until the next one is taken. */
function* readParts(disk: Disk, { name, frameCount }: KeptState): IterableIterator<StatePart> {
  const reader = openState(disk, name);
  for (const { payload } of reader.frames()) if (reader.count < frameCount) yield decodePart(payload);
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

function checkVersion(file: string, { otherVersion }: FrameReader): void {
  if (otherVersion === undefined) return;
  const message = `it is in form ${otherVersion}, this costspan reads up to form ${FORM_VERSION}`;
  throw new DataVersionError(file, { message });
}

/** A file of the log, and where the next one begins, which replaces what it holds from there on. */
interface LogFile {
  readonly name: string;
  readonly first: number;
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

/** Looks through the whole log before anything of it is applied: each frame is whole, and none is missing. */
function checkLog(disk: Disk, after: number): CheckedLog {
  const files = listLogFiles(disk);
  const names: string[] = [];
  let position = after;
  let logBytes = 0;
  let truncatedBytes = 0;
  for (const file of files) {
    const { name, end } = file;
    const reader = openLog(disk, file);
    for (const frame of reader.frames()) {
      if (!isNeeded(frame, file, after)) continue;
      checkFollows(name, frame, position);
      position = frame.position;
    }
    checkVersion(name, reader);
    checkDamage(name, reader, end);
    logBytes += reader.goodBytes;
    if (reader.count > 0) names.push(name);
    if (end === Number.POSITIVE_INFINITY && reader.damage === 'torn') {
      truncatedBytes += reader.bytes - reader.goodBytes;
      // An empty file would be taken for one that was never begun: it is cut away whole, with its name.
      if (reader.goodBytes > HEADER_BYTES) disk.truncate(name, reader.goodBytes);
    }
  }
  return { files, names, position, logBytes, truncatedBytes };
}

const openLog = (disk: Disk, { name, first }: LogFile): FrameReader =>
  new FrameReader(disk.read(name), { kind: 'log', first });

function listLogFiles(disk: Disk): LogFile[] {
  const firsts = disk
    .list()
    .flatMap((name) => readPosition(name, 'log') ?? [])
    .sort((a, b) => a - b);
  return firsts.map((first, index) => ({
    name: logName(first),
    first,
    end: firsts[index + 1] ?? Number.POSITIVE_INFINITY,
  }));
}

/** The frames after the position, in order; each holds until the next one is taken. */
function* readLogFrames(disk: Disk, files: readonly LogFile[], after: number): IterableIterator<LogFrame> {
  for (const file of files)
    for (const frame of openLog(disk, file).frames())
      if (isNeeded(frame, file, after)) yield { ...frame, file: file.name };
}

const isNeeded = ({ position }: Frame, { end }: LogFile, after: number): boolean =>
  position > after && position < end;

/** A torn end is that of the last write, or of one after whose failure a new file went on at the same place. */
function checkDamage(
  name: string,
  { damage, goodBytes, count, position }: FrameReader,
  nextFirst: number,
): void {
  if (damage === undefined) return;
  const isLast = nextFirst === Number.POSITIVE_INFINITY;
  const isReplaced = isLast || count === 0 || nextFirst <= position + 1;
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
