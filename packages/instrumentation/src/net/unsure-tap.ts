import { BodyTap } from '../call/body-tap.js';
import { BodyText } from '../call/body-text.js';
import type { Call } from '../call/call.js';

/**
 * Reads an answer of which nobody knows yet whether a model gives it: its first line, or all of it where it is one
 * object over several lines, says so. Until then no call has begun, and of another's answer none does.
 */
export class UnsureTap {
  readonly #start: () => Call | undefined;
  readonly #isAnswer: (part: unknown) => boolean;
  readonly #text = new BodyText();
  #tap: BodyTap | undefined;
  #isOver = false;

  constructor(start: () => Call | undefined, isAnswer: (part: unknown) => boolean) {
    this.#start = start;
    this.#isAnswer = isAnswer;
  }

  push(text: string): string {
    if (this.#tap !== undefined) return this.#tap.push(text);
    if (this.#isOver) return text;
    this.#text.push(text);
    const known = this.#text.read() ?? '';
    if (text.includes('\n')) this.#judge(known.slice(0, known.indexOf('\n')));
    return text;
  }

  end(): string {
    this.#judge(this.#text.read());
    return this.#tap?.end() ?? '';
  }

  /** What nobody has read to where it would have said so is no call. */
  leave(): void {
    this.#isOver = true;
    this.#tap?.leave();
  }

  #judge(part = ''): void {
    if (this.#isOver || this.#tap !== undefined) return;
    const answer = parse(part);
    if (answer === undefined) return;
    this.#isOver = true;
    const call = this.#isAnswer(answer) ? this.#start() : undefined;
    if (call === undefined) return;
    this.#tap = new BodyTap(call, call.request.body ?? 'json');
    this.#tap.push(this.#text.read() ?? '');
  }
}

/** `undefined` while it is a part of something. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
