import { seeBelow } from './below.js';

/** Whoever follows a stream; a `Call` does. None of it throws. */
export interface StreamObserver {
  addChunk(chunk: unknown): void;
  endStream(): void;
  fail(error: unknown): void;
  /** The reader broke off, or can read no more. */
  abort(): void;
  /** Runs each pull: where the stream's own code runs then, it is to run in some scope. */
  readonly enter?: <T>(fn: () => T) => T;
}

/** Streams that are no Stainless `Stream`: async iterables, async iterators, and readable streams. */
export type AnyStream = AsyncIterable<unknown> | ReadableStream<unknown>;

/** Whether an answer is read piece by piece. */
export const isStream = (value: unknown): value is AnyStream =>
  typeof value === 'object' && value !== null && (isReadable(value) || Symbol.asyncIterator in value);

const isReadable = (value: object): value is ReadableStream<unknown> =>
  typeof ReadableStream === 'function' && value instanceof ReadableStream;

/** A stream that nobody reads is never told to end; its call settles when the stream is collected. */
const unread = new FinalizationRegistry<StreamObserver>((observer) => observer.abort());

interface StreamOptions {
  /** True where somebody else tells how the call ends: only its chunks are seen here. */
  readonly isTold?: boolean;
}

/** Observes a stream in place: the application keeps the very object, and every way to read it passes through ours. */
export function observeStream(stream: AnyStream, call: StreamObserver, options: StreamOptions = {}): void {
  const progress = new Progress(call, options.isTold === true);
  if (options.isTold !== true) unread.register(stream, call, call);
  if (isReadable(stream)) observeReadable(stream, progress);
  else if (isIterator(stream)) observeIterator(stream, progress.branch());
  else observeIterable(stream, progress);
}

const isIterator = (value: object): value is AsyncIterator<unknown> & object =>
  typeof (value as { next?: unknown }).next === 'function';

/** How far a stream has been read, whoever of its branches read it: a chunk that two of them show is one chunk. */
class Progress {
  readonly call: StreamObserver;
  readonly #isTold: boolean;
  #furthest = 0;
  #open = 0;

  constructor(call: StreamObserver, isTold: boolean) {
    this.call = call;
    this.#isTold = isTold;
  }

  branch(): Branch {
    this.#open += 1;
    return new Branch(this);
  }

  pull<T>(next: () => T): T {
    return this.call.enter === undefined ? next() : this.call.enter(next);
  }

  note(position: number, chunk: unknown): void {
    if (position < this.#furthest) return;
    this.#furthest = position + 1;
    this.call.addChunk(chunk);
  }

  end(): void {
    if (!this.#isTold) this.call.endStream();
  }

  fail(error: unknown): void {
    if (!this.#isTold) this.call.fail(error);
  }

  /** A branch is given up; the stream is broken off when none is left. */
  giveUp(): void {
    this.#open -= 1;
    if (this.#open <= 0 && !this.#isTold) this.call.abort();
  }
}

/** One way to the end of a stream; `tee()` makes two of one. */
class Branch {
  readonly progress: Progress;
  #position = 0;

  constructor(progress: Progress) {
    this.progress = progress;
  }

  readonly onResult = <T extends { readonly done?: boolean; readonly value?: unknown }>(result: T): T => {
    if (result.done === true) this.progress.end();
    else this.note(result.value);
    return result;
  };

  readonly onError = (error: unknown): never => {
    this.progress.fail(error);
    throw error;
  };

  note(chunk: unknown): void {
    this.progress.note(this.#position, chunk);
    this.#position += 1;
  }
}

/**
 * The method that an object or its prototype holds. A proxy is not asked: what it answers with asks its target, which
 * has ours by then, which would ask the proxy's again, without end.
 */
function readMethod<T extends object, K extends keyof T>(target: T, name: K): T[K] {
  for (let at: object | null = target; at !== null; at = Object.getPrototypeOf(at)) {
    const held = Object.getOwnPropertyDescriptor(at, name);
    if (typeof held?.value === 'function') return held.value;
  }
  return target[name];
}

/** An own property where the prototype had one: not enumerable, unless the object had an enumerable one already. */
function define(target: object, name: PropertyKey, value: unknown): void {
  const enumerable = Object.prototype.propertyIsEnumerable.call(target, name);
  Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable });
}

/** An object that makes an iterator when it is asked: the first one is the call's, a second one is the SDK's affair. */
function observeIterable(stream: AsyncIterable<unknown>, progress: Progress): void {
  const iterate = readMethod(stream, Symbol.asyncIterator);
  let isFirst = true;
  define(stream, Symbol.asyncIterator, function iterator(this: AsyncIterable<unknown>) {
    const inner = iterate.call(this);
    if (!isFirst) return inner;
    isFirst = false;
    tapIterator(inner, progress.branch());
    // From here the iterator is what lives as long as somebody reads.
    if (unread.unregister(progress.call)) unread.register(inner, progress.call);
    return inner;
  });
}

/** Iterators, and what stands before their `next`: by that one is known behind a proxy as well. */
const tapped = new WeakSet<object>();

/** An iterator; `for await` asks it for one, which may be another object than itself. */
function observeIterator(stream: AsyncIterator<unknown> & object, branch: Branch): void {
  tapIterator(stream, branch);
  const iterate = readMethod(stream as Partial<AsyncIterable<unknown>>, Symbol.asyncIterator);
  if (iterate === undefined) return;
  define(stream, Symbol.asyncIterator, function iterator(this: AsyncIterable<unknown>) {
    const made = iterate.call(this);
    tapIterator(made, branch);
    return made;
  });
}

/** Puts ours in front of an iterator's methods, in place: it stays the object that it is. */
function tapIterator(iterator: AsyncIterator<unknown>, branch: Branch): void {
  const next = readMethod(iterator, 'next');
  if (tapped.has(iterator) || tapped.has(next)) return;
  function pull(this: AsyncIterator<unknown>, ...args: [] | [unknown]) {
    return branch.progress.pull(() => next.apply(this, args)).then(branch.onResult, branch.onError);
  }
  tapped.add(iterator).add(pull);
  define(iterator, 'next', pull);
  // What is thrown in is the reader's own affair: like `return`, it breaks the stream off.
  for (const name of ['return', 'throw'] as const) {
    const original = readMethod(iterator, name);
    if (original === undefined) continue;
    define(iterator, name, function end(this: AsyncIterator<unknown>, ...args: [] | [unknown]) {
      const ending = original.apply(this, args);
      branch.progress.giveUp();
      return ending;
    });
  }
}

/** `for await`, readers, `tee`, `pipeTo` and `pipeThrough` of one readable stream. */
function observeReadable(stream: ReadableStream<unknown>, progress: Progress): void {
  const branch = progress.branch();
  const { getReader, tee, pipeTo, pipeThrough, cancel, values } = stream;
  const iterate = readMethod(stream, Symbol.asyncIterator);
  const tapMade = (make: (...args: never[]) => AsyncIterator<unknown>) =>
    function iterator(this: unknown, ...args: never[]) {
      const made = make.apply(this, args);
      tapIterator(made, branch);
      return made;
    };
  define(stream, Symbol.asyncIterator, tapMade(iterate));
  define(stream, 'values', tapMade(values));
  define(stream, 'getReader', (...args: []) =>
    tapReader(getReader.apply(stream, args) as ReadableStreamDefaultReader<unknown>, branch),
  );
  define(stream, 'cancel', (reason?: unknown) => {
    const ending = cancel.call(stream, reason);
    // A locked stream refuses to be cancelled; then nobody gave it up.
    ending.then(
      () => progress.giveUp(),
      () => undefined,
    );
    return ending;
  });
  const split = (branches: readonly ReadableStream<unknown>[]): void => {
    for (const one of branches) observeReadable(one, progress);
    progress.giveUp();
  };
  define(stream, 'tee', () => {
    const branches = tee.call(stream);
    split(branches);
    return branches;
  });
  const through = (): ReadableStream<unknown> =>
    handOn(getReader.call(stream) as ReadableStreamDefaultReader<unknown>, branch);
  seeBelow(stream, { through, split });
  define(stream, 'pipeThrough', (...args: Parameters<typeof pipeThrough>) =>
    pipeThrough.apply(through(), args),
  );
  define(stream, 'pipeTo', (...args: Parameters<typeof pipeTo>) => pipeTo.apply(through(), args));
}

function tapReader(
  reader: ReadableStreamDefaultReader<unknown>,
  branch: Branch,
): ReadableStreamDefaultReader<unknown> {
  const { read, cancel } = reader;
  // A reader that brings its own buffers gives one with each read.
  define(reader, 'read', (...args: []) =>
    branch.progress.pull(() => read.apply(reader, args)).then(branch.onResult, branch.onError),
  );
  define(reader, 'cancel', (reason?: unknown) => {
    const ending = cancel.call(reader, reason);
    branch.progress.giveUp();
    return ending;
  });
  return reader;
}

/**
 * What a reader reads, for a pipe. Unlike a step of the pipe it holds no chunk: the source is asked when the pipe asks,
 * and not for one chunk more, which the application may be about to do without. A chunk comes one turn of the promises
 * later than without us, which is why nothing waits for `pull`.
 */
function handOn(reader: ReadableStreamDefaultReader<unknown>, branch: Branch): ReadableStream<unknown> {
  const { progress } = branch;
  let isOver = false;
  const isLast = (): boolean => {
    if (isOver) return false;
    isOver = true;
    reader.releaseLock();
    return true;
  };
  const pull = (controller: ReadableStreamDefaultController<unknown>): void => {
    const onResult = ({ done, value }: { done: boolean; value?: unknown }): void => {
      if (!done) {
        branch.note(value);
        if (!isOver) controller.enqueue(value);
      } else if (isLast()) {
        progress.end();
        controller.close();
      }
    };
    const onError = (error: unknown): void => {
      if (!isLast()) return;
      progress.fail(error);
      controller.error(error);
    };
    progress.pull(() => reader.read()).then(onResult, onError);
  };
  const cancel = (reason: unknown): Promise<void> => {
    isOver = true;
    progress.giveUp();
    return reader.cancel(reason).finally(() => reader.releaseLock());
  };
  return new ReadableStream({ pull, cancel }, { highWaterMark: 0 });
}
