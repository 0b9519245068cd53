import { guard } from '../diagnostics.js';
import type { ToldNews, ToldWork } from '../framework.js';
import { readNowMs } from '../timers.js';
import type { OpenStep, StepStarter } from './step-starter.js';

/** Tools that a run has begun and not ended; further ones are not followed. */
const MAX_OPEN_TOOLS = 1_000;

/** One run of a framework whose work is done in another process: spans are made of what its messages tell. */
export class ToldRun {
  readonly #work: ToldWork;
  readonly #open: OpenStep;
  readonly #starter: StepStarter;
  readonly #tools = new Map<string, OpenStep>();
  /** Two ways to read one stream show a message twice. */
  readonly #seen = new WeakSet<object>();
  #state: unknown;
  /** Calls that are told together began when the last ones had been told. */
  #sinceMs = readNowMs();
  #errorType: string | undefined;
  #isEnded = false;

  constructor(
    work: ToldWork,
    { args, open, starter }: { args: readonly unknown[]; open: OpenStep; starter: StepStarter },
  ) {
    this.#work = work;
    this.#open = open;
    this.#starter = starter;
    this.#state = guard('beginning to read a run', () => work.begin(args));
    open.beforeEnd(() => this.#end());
  }

  read(message: unknown): void {
    if (typeof message !== 'object' || message === null || this.#seen.has(message) || this.#isEnded) return;
    this.#seen.add(message);
    guard('reading a message of a run', () => {
      const { state, news } = this.#work.read(this.#state, message);
      this.#state = state;
      this.#open.enter(() => {
        for (const one of news) this.#note(one);
      });
      if (news.some(({ kind }) => kind === 'call')) this.#sinceMs = readNowMs();
    });
  }

  /** Ends what is open; gives the error that the run told of. */
  #end(): string | undefined {
    this.#isEnded = true;
    this.#open.enter(() => {
      for (const call of this.#work.readRest(this.#state)) this.#starter.tell(call, this.#sinceMs);
    });
    for (const tool of this.#tools.values()) tool.abort();
    return this.#errorType;
  }

  #note(news: ToldNews): void {
    if (news.kind === 'call') this.#starter.tell(news.call, this.#sinceMs);
    else if (news.kind === 'failed') this.#errorType = news.errorType;
    else if (news.kind === 'ended') {
      this.#tools.get(news.id)?.end(news.errorType);
      this.#tools.delete(news.id);
    } else if (this.#tools.size < MAX_OPEN_TOOLS && !this.#tools.has(news.id)) {
      const tool = this.#starter.begin(news.start, undefined);
      if (tool !== undefined) this.#tools.set(news.id, tool);
    }
  }
}
