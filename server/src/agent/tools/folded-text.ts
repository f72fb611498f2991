/** Text that grows to a bound, with each run of blank space folded into one space or one line break. */
export class FoldedText {
  readonly #charsMax: number;
  #text = "";
  /** The separator before the next word; a line break is never replaced by a space. */
  #gap: "" | " " | "\n" = "";

  constructor(charsMax: number) {
    this.#charsMax = charsMax;
  }

  add(text: string): void {
    if (this.#full) return;
    for (const [blank] of text.matchAll(/\s+|\S+/gu)) {
      if (/^\s/u.test(blank)) this.gap(blank.includes("\n") ? "\n" : " ");
      else this.#word(blank);
      if (this.#full) return;
    }
  }

  gap(gap: " " | "\n"): void {
    if (this.#gap !== "\n") this.#gap = gap;
  }

  toString(): string {
    return this.#text;
  }

  get #full(): boolean {
    return this.#text.length >= this.#charsMax;
  }

  #word(word: string): void {
    if (this.#text !== "") this.#text += this.#gap;
    this.#gap = "";
    this.#text += word.slice(0, this.#charsMax - this.#text.length);
  }
}
