/** Texts that many rows have: each is kept once, by its number, as long as there is a row that has it. */
export class TextPool {
  readonly #numbers = new Map<string, number>();
  readonly #texts: string[] = [];
  /** Rows that have it, by number. */
  readonly #uses: number[] = [];
  readonly #free: number[] = [];

  /** The number of a text, for one row more. */
  take(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#free.pop() ?? this.#texts.length;
      this.#numbers.set(text, number);
      this.#texts[number] = text;
      this.#uses[number] = 0;
    }
    this.#uses[number]! += 1;
    return number;
  }

  at(number: number): string {
    return this.#texts[number]!;
  }

  /** One row less has it. */
  release(number: number): void {
    this.#uses[number]! -= 1;
    if (this.#uses[number]! > 0) return;
    this.#numbers.delete(this.#texts[number]!);
    this.#texts[number] = '';
    this.#free.push(number);
  }
}
