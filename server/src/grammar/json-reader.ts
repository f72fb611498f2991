/**
 * A streaming JSON parser: reads JSON while it is being written, in chunks that may be cut anywhere.
 *
 * A watch has a path and receives the value there as it grows: `text` gets the decoded characters of a string, `raw`
 * the JSON text as written, `done` the finished value. Each gets at most one delta per chunk, which never splits a
 * surrogate pair. The reader is strict: it throws at the first character that cannot be JSON, so that the job can be
 * stopped.
 *
 * The state is what is expected next: a value, a name, a colon, or what may follow a value (`after`). `first-value` and
 * `first-name` also allow the container's end; `string` and `scalar` are inside a token of that kind.
 */
import { StringDecoding } from "./string-decoding.ts";

export type JsonPath = readonly (string | number)[];

export interface JsonWatch {
  readonly path: JsonPath;
  /** Called at the value's first character. */
  start?(): void;
  /** Called with the next part of a string value, decoded; never empty. */
  text?(delta: string): void;
  /** Called with the next part of the value as written, with quotes and escapes; never empty. */
  raw?(delta: string): void;
  /** Called with the complete value. */
  done?(value: unknown): void;
}

/** The text is not JSON, or is nested too deep. */
export class JsonFault extends Error {
  override readonly name = "JsonFault";
}

/** Deeper than any supported schema; a guard against a model that only opens brackets. */
const DEPTH_MAX = 64;

interface Container {
  kind: "object" | "array";
  key: string | number;
}

interface Open {
  watch: JsonWatch;
  /** Number of containers open when the value started; the value ends when it is reached again. */
  depth: number;
  raw: string;
  /** Read but not yet emitted. */
  rawDelta: string;
  textDelta: string;
}

type State = "value" | "first-value" | "name" | "first-name" | "colon" | "after" | "string" | "scalar" | "end";

export class JsonReader {
  readonly #watches: readonly JsonWatch[];
  readonly #stack: Container[] = [];
  readonly #open: Open[] = [];
  #state: State = "value";
  #string = new StringDecoding();
  #readingName = false;
  #nameText = "";
  #scalar = "";
  #offset = 0;

  constructor(watches: readonly JsonWatch[]) {
    this.#watches = watches;
  }

  /** Whether one whole JSON value was read. */
  get finished(): boolean {
    return this.#state === "end" || (this.#state === "scalar" && this.#stack.length === 0 && isScalar(this.#scalar));
  }

  /** Reads the next characters. @throws JsonFault at the first character that cannot be JSON */
  push(chunk: string): void {
    // Reads UTF-16 units: a surrogate pair cut between two chunks is rejoined in the deltas.
    for (let index = 0; index < chunk.length; index++) {
      this.#read(chunk[index] ?? "");
      this.#offset++;
    }
    for (const open of this.#open) emitDeltas(open);
  }

  /** Ends the text. @throws JsonFault if the value is incomplete */
  end(): void {
    if (this.#state === "scalar" && this.#stack.length === 0) this.#endScalar();
    if (this.#state !== "end") throw new JsonFault(`the JSON stops unfinished after ${this.#offset} characters`);
  }

  #read(char: string): void {
    if (this.#state === "string") return this.#readString(char);
    if (this.#state === "scalar") {
      if (/[-+.0-9a-zA-Z]/.test(char)) {
        this.#scalar += char;
        return this.#grow(char);
      }
      this.#endScalar();
    }
    if (char === " " || char === "\n" || char === "\r" || char === "\t") return this.#grow(char);
    switch (this.#state) {
      case "value":
      case "first-value":
        if (char === "]" && this.#state === "first-value") return this.#close(char);
        return this.#startValue(char);
      case "name":
      case "first-name":
        if (char === "}" && this.#state === "first-name") return this.#close(char);
        if (char !== '"') throw this.#fault(char);
        this.#grow(char);
        this.#startString(true);
        return;
      case "colon":
        if (char !== ":") throw this.#fault(char);
        this.#grow(char);
        this.#state = "value";
        return;
      case "after":
        if (char === ",") return this.#next(char);
        return this.#close(char);
      case "end":
      case "scalar":
        throw this.#fault(char);
    }
  }

  #startValue(char: string): void {
    const path = this.#stack.map((container) => container.key);
    for (const watch of this.#watches) {
      if (!samePath(watch.path, path)) continue;
      this.#open.push({ watch, depth: this.#stack.length, raw: "", rawDelta: "", textDelta: "" });
      watch.start?.();
    }
    this.#grow(char);
    if (char === '"') return this.#startString(false);
    if (char === "{" || char === "[") return this.#openContainer(char === "{" ? "object" : "array");
    if (!/[-0-9tfn]/.test(char)) throw this.#fault(char);
    this.#scalar = char;
    this.#state = "scalar";
  }

  #openContainer(kind: Container["kind"]): void {
    if (this.#stack.length >= DEPTH_MAX) throw new JsonFault(`the JSON is nested more than ${DEPTH_MAX} deep`);
    this.#stack.push({ kind, key: kind === "object" ? "" : 0 });
    this.#state = kind === "object" ? "first-name" : "first-value";
  }

  #startString(isName: boolean): void {
    this.#readingName = isName;
    this.#nameText = "";
    this.#string = new StringDecoding();
    this.#state = "string";
  }

  #readString(char: string): void {
    this.#grow(char);
    const piece = this.#string.read(char);
    if (piece === null) throw this.#fault(char);
    if (this.#readingName) this.#nameText += piece;
    else for (const open of this.#open) if (open.depth === this.#stack.length) open.textDelta += piece;
    if (!this.#string.closed) return;
    if (!this.#readingName) return this.#endValue();
    const container = this.#stack.at(-1);
    if (container !== undefined) container.key = this.#nameText;
    this.#state = "colon";
  }

  #endScalar(): void {
    if (!isScalar(this.#scalar)) throw this.#fault(this.#scalar);
    this.#endValue();
  }

  #next(char: string): void {
    const container = this.#stack.at(-1);
    if (container === undefined) throw this.#fault(char);
    this.#grow(char);
    if (typeof container.key === "number") container.key++;
    this.#state = container.kind === "object" ? "name" : "value";
  }

  #close(char: string): void {
    const container = this.#stack.at(-1);
    if (container === undefined || char !== (container.kind === "object" ? "}" : "]")) throw this.#fault(char);
    this.#stack.pop();
    this.#grow(char);
    this.#endValue();
  }

  #endValue(): void {
    this.#state = this.#stack.length === 0 ? "end" : "after";
    for (let open = this.#open.at(-1); open?.depth === this.#stack.length; open = this.#open.at(-1)) {
      this.#open.pop();
      emitDeltas(open);
      open.watch.done?.(JSON.parse(open.raw));
    }
  }

  #grow(char: string): void {
    for (const open of this.#open) {
      open.raw += char;
      open.rawDelta += char;
    }
  }

  #fault(char: string): JsonFault {
    return new JsonFault(`${JSON.stringify(char)} after ${this.#offset} characters cannot be JSON`);
  }
}

/** Emits the new text, but holds back the first half of a surrogate pair. */
function emitDeltas(open: Open): void {
  const [text, textRest] = wholeCharacters(open.textDelta);
  const [raw, rawRest] = wholeCharacters(open.rawDelta);
  open.textDelta = textRest;
  open.rawDelta = rawRest;
  if (text !== "") open.watch.text?.(text);
  if (raw !== "") open.watch.raw?.(raw);
}

function wholeCharacters(text: string): [string, string] {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? [text.slice(0, -1), text.slice(-1)] : [text, ""];
}

function isScalar(text: string): boolean {
  return /^(true|false|null|-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?)$/.test(text);
}

function samePath(a: JsonPath, b: JsonPath): boolean {
  return a.length === b.length && a.every((key, index) => key === b[index]);
}
