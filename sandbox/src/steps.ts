/** Prints the progress of `npm start`: one line per step, with the seconds since the start. */

export class Steps {
  readonly #began = Date.now();
  readonly #write: (line: string) => void;
  #lastProgressAt = 0;
  #lastTenth = -1;

  constructor(write: (line: string) => void = (line) => void process.stdout.write(`${line}\n`)) {
    this.#write = write;
  }

  done(what: string): void {
    this.#write(`· ${what} (${((Date.now() - this.#began) / 1_000).toFixed(1)} s)`);
  }

  /** Prints a line at every tenth, or every 15 s where a tenth takes longer. `done` is from 0 to 1. */
  progress(what: string, done: number): void {
    const tenth = Math.floor(done * 10);
    const now = Date.now();
    if (tenth === this.#lastTenth && now - this.#lastProgressAt < 15_000) return;
    this.#lastTenth = tenth;
    this.#lastProgressAt = now;
    this.done(`${what}: ${Math.floor(done * 100)} %`);
  }

  say(text: string): void {
    this.#write(text);
  }
}
