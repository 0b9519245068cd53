/** One event longer than this is passed on unread. */
const MAX_EVENT_CHARS = 16 * 1024 * 1024;
/** An empty line, whichever of the three ends its own and the one before it have: of CRLF, half may have come. */
const EVENT_END = /(?:\r\n|\n|\r(?!\n|$)){2}/;
const MAX_END_CHARS = '\r\n\r\n'.length;
const LINES = /[^\r\n]*(?:\r\n|\n|\r|$)/g;
const DATA = 'data:';

/**
 * Reads server-sent events that pass by as text. `onData` gets the data of one event and gives back what may be
 * shown of it; all else keeps its exact text.
 */
export class SseReader {
  readonly #onData: (data: string) => string | undefined;
  #pending = '';
  /** Its last characters, which may be half of an end. */
  #tail = '';

  constructor(onData: (data: string) => string | undefined) {
    this.#onData = onData;
  }

  /** Takes the next text; returns the whole events in it, as they may be shown. */
  push(text: string): string {
    this.#pending += text;
    // A long event comes in many pieces: only what is new is searched for its end.
    const fresh = this.#tail + text;
    let shown = EVENT_END.test(fresh) ? this.#takeEvents() : '';
    if (this.#pending.length > MAX_EVENT_CHARS) shown += this.#take();
    this.#tail = fresh.slice(-MAX_END_CHARS);
    return shown;
  }

  #takeEvents(): string {
    let shown = '';
    for (let end = EVENT_END.exec(this.#pending); end !== null; end = EVENT_END.exec(this.#pending)) {
      const length = end.index + end[0].length;
      shown += this.#show(this.#pending.slice(0, length));
      this.#pending = this.#pending.slice(length);
    }
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
    const data = event
      .split(/\r\n|\n|\r/)
      .filter(isData)
      .map((line) => line.slice(DATA.length).trim());
    if (data.length === 0) return event;
    const whole = data.join('\n');
    const shown = this.#onData(whole);
    return shown === whole ? event : showInstead(event, shown?.split('\n'));
  }
}

const isData = (line: string): boolean => line.startsWith(DATA);

/** The same event with other data; of one that is not to be seen, what its server said to keep the connection open. */
function showInstead(event: string, data: string[] | undefined): string {
  const lines = event.match(LINES) ?? [];
  if (data === undefined) return lines.filter((line) => line.startsWith(':')).join('');
  return lines.map((line) => (isData(line) ? withData(line, data.shift()) : line)).join('');
}

/** The same line with other data, none where there is none left. */
function withData(line: string, data: string | undefined): string {
  if (data === undefined) return '';
  const given = line.slice(DATA.length);
  const start = line.length - given.trimStart().length;
  return line.slice(0, start) + data + line.slice(line.trimEnd().length);
}

/**
 * JSON text less the one member, a null, that `shown` lacks of `value`, and all else as it was written; `undefined`
 * where the text does not tell which one that is.
 */
export function cutMember(text: string, value: unknown, shown: unknown): string | undefined {
  const [name, ...others] = Object.keys(value as object).filter((key) => !(key in (shown as object)));
  if (name === undefined || others.length > 0) return undefined;
  const member = `"${name}"\\s*:\\s*null`;
  const found = [...text.matchAll(new RegExp(`,\\s*${member}|${member}\\s*,?\\s*`, 'g'))];
  if (found.length !== 1) return undefined;
  const [{ 0: cut, index }] = found as [RegExpExecArray];
  return text.slice(0, index) + text.slice(index + cut.length);
}
