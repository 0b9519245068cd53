/** One event longer than this is passed on unread. */
const MAX_EVENT_CHARS = 16 * 1024 * 1024;

/**
 * Reads server-sent events that pass by as text. `onData` gets the data of one event and gives back what may be
 * shown of it; events that are not changed keep their exact text.
 */
export class SseReader {
  readonly #onData: (data: string) => string | undefined;
  #pending = '';

  constructor(onData: (data: string) => string | undefined) {
    this.#onData = onData;
  }

  /** Takes the next text; returns the whole events in it, as they may be shown. */
  push(text: string): string {
    this.#pending += text;
    let shown = '';
    for (;;) {
      const end = /\r\n\r\n|\n\n|\r\r/.exec(this.#pending);
      if (end === null) break;
      const length = end.index + end[0].length;
      shown += this.#show(this.#pending.slice(0, length));
      this.#pending = this.#pending.slice(length);
    }
    if (this.#pending.length > MAX_EVENT_CHARS) shown += this.#take();
    return shown;
  }

  /** The text after the last whole event. */
  end(): string {
    const rest = this.#take();
    return rest.trim() === '' ? rest : this.#show(rest);
  }

  #take(): string {
    const rest = this.#pending;
    this.#pending = '';
    return rest;
  }

  #show(event: string): string {
    const lines = event.split(/\r\n|\n|\r/);
    const data = lines.filter((line) => line.startsWith('data:')).map((line) => line.slice(5).trimStart());
    if (data.length === 0) return event;
    const whole = data.join('\n');
    const shown = this.#onData(whole);
    if (shown === whole) return event;
    if (shown === undefined) return '';
    const kept = lines.filter((line) => line !== '' && !line.startsWith('data:'));
    return `${[...kept, `data: ${shown}`].join('\n')}\n\n`;
  }
}
