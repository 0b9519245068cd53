import { requireLazily } from '../lazy.js';
import { CostPipeline, type PipelineOptions } from './pipeline.js';
import type { Body } from './span-queue.js';
import { type HandedOver, readRelevant } from './threads.js';

/** Different environments of worker threads whose spans are sent; what comes with a further one is dropped and told. */
const MAX_ENVIRONMENTS = 16;

/** The ways of spans out of this process: its own, and one for each other environment that worker threads have. */
export class Pipelines {
  readonly own: CostPipeline;
  readonly #all: Map<string, CostPipeline>;

  constructor(options: PipelineOptions) {
    this.own = new CostPipeline(options);
    this.#all = new Map([[JSON.stringify(readRelevant(options.env)), this.own]]);
  }

  /** Takes spans of a worker thread: they are sent where its environment says. */
  addEncoded(env: HandedOver['env'], body: Body): void {
    this.#find(env).addEncoded(body);
  }

  #find(env: HandedOver['env']): CostPipeline {
    const key = JSON.stringify(env);
    const known = this.#all.get(key);
    if (known !== undefined) return known;
    if (this.#all.size >= MAX_ENVIRONMENTS)
      throw new RangeError(`worker threads have more than ${MAX_ENVIRONMENTS} different environments`);
    const pipeline = new CostPipeline({
      env: { ...env },
      exportMode: 'all',
      joinedProvider: () => undefined,
    });
    this.#all.set(key, pipeline);
    return pipeline;
  }

  get hasWaiting(): boolean {
    return [...this.#all.values()].some(({ hasWaiting }) => hasWaiting);
  }

  flushWhenIdle(): void {
    for (const pipeline of this.#all.values()) pipeline.flushWhenIdle();
  }

  /** Sends what has ended; resolves when it has arrived. */
  async forceFlush(): Promise<void> {
    await Promise.all([...this.#all.values()].map((pipeline) => pipeline.forceFlush()));
  }

  /** Posts what has not arrived, and blocks until it has or time is up. */
  flushBeforeExit(): void {
    const unsent = [...this.#all.values()].map((pipeline) => pipeline.takeUnsent());
    // Loaded at such an end only: most processes end with nothing left to post.
    if (unsent.every(({ bodies }) => bodies.length === 0)) return;
    const { postBeforeExit } = requireLazily('./record/exit-post.js') as typeof import('./exit-post.js');
    postBeforeExit(unsent);
  }
}
