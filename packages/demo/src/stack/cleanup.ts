/** What has been started, to be stopped in the opposite order whatever happens. */
export class Cleanup {
  readonly #steps: (() => Promise<unknown>)[] = [];
  #running: Promise<void> | undefined;

  /** Remembers how to stop a thing that has just been started. */
  add(step: () => Promise<unknown>): void {
    this.#steps.push(step);
  }

  /** Stops everything, once; a step that fails does not keep the others from being stopped. */
  run(): Promise<void> {
    this.#running ??= this.#runSteps();
    return this.#running;
  }

  async #runSteps(): Promise<void> {
    for (const step of this.#steps.reverse()) {
      await step().catch((error: unknown) => {
        console.error(`costspan demo: could not stop a part: ${String(error)}`);
      });
    }
  }
}
