/**
 * What the driver must know of a model's vocabulary beyond what the server tells: which ids are control tokens, and
 * the bytes of each. Read from the model file's header.
 *
 * While it streams, the server gives only the last id of a character that several tokens make. How many it left out is
 * known from its counter, and which bytes they make from the text; here the ids are found that can only be those.
 */
import { z } from "zod";

const Header = z.object({
  tokenizer: z.object({
    ggml: z.object({
      model: z.string(),
      tokens: z.array(z.string()),
      token_type: z.array(z.number()),
      eos_token_id: z.number().optional(),
      eot_token_id: z.number().optional(),
    }),
  }),
});
type Ggml = z.infer<typeof Header>["tokenizer"]["ggml"];

/** Kinds of token in a GGUF header. */
const CONTROL = 3;
const USER_DEFINED = 4;
const BYTE = 6;
/** Texts of the tokens that end an answer, in the catalogue's families and those near them. */
const END_TEXTS: ReadonlySet<string> = new Set([
  "<|im_end|>",
  "<|endoftext|>",
  "<|eot_id|>",
  "<|eom_id|>",
  "<|end_of_text|>",
  "<end_of_turn>",
  "<|end|>",
  "<eos>",
  "</s>",
]);
/** A character has four bytes at most, so more tokens than that cannot be the beginning of one. */
const LEFT_OUT_MAX = 3;

export interface LeftOut {
  /** Everything since the last whole character, in UTF-8. */
  bytes: Uint8Array;
  /** How many ids were left out. */
  count: number;
  /** The id that was given: the last. */
  last: number;
}

export class ServerVocabulary {
  /** Control tokens that no answer may hold; the marks that end one are not among them. */
  readonly controls: readonly number[];
  readonly #bytes: readonly Uint8Array[];
  /** Ids of the tokens that are no text of their own, by their bytes as Latin-1 text. */
  readonly #partial = new Map<string, number[]>();

  constructor(ggml: Ggml) {
    const ends = new Set([ggml.eos_token_id, ggml.eot_token_id]);
    const isEnd = (id: number) => ends.has(id) || END_TEXTS.has(ggml.tokens[id] ?? "");
    this.controls = [...ggml.token_type.keys()].filter((id) => ggml.token_type[id] === CONTROL && !isEnd(id));
    const bytesOf = reader(ggml.model);
    this.#bytes = ggml.tokens.map((text, id) => bytesOf(text, ggml.token_type[id] ?? 0));
    for (const [id, bytes] of this.#bytes.entries()) {
      if (isText(bytes)) continue;
      const key = latin1(bytes);
      this.#partial.set(key, [...(this.#partial.get(key) ?? []), id]);
    }
  }

  /** The bytes of several tokens together. */
  bytesOf(ids: readonly number[]): Uint8Array {
    return Buffer.concat(ids.map((id) => this.#bytes[id] ?? new Uint8Array()));
  }

  /** The ids that were left out, where only one series of ids can be it; `null` where there is more than one, or none. */
  leftOut({ bytes, count, last }: LeftOut): number[] | null {
    const tail = this.#bytes[last];
    if (!tail || count > LEFT_OUT_MAX || tail.length >= bytes.length) return null;
    const before = bytes.length - tail.length;
    if (latin1(bytes.subarray(before)) !== latin1(tail)) return null;
    const found = this.#series(bytes, { at: 0, to: before, count });
    return found.length === 1 ? (found[0] ?? null) : null;
  }

  /** All series of `count` ids that make the bytes from `at` to `to` and end inside a character each time. */
  #series(bytes: Uint8Array, { at, to, count }: { at: number; to: number; count: number }): number[][] {
    if (count === 0) return at === to ? [[]] : [];
    const found: number[][] = [];
    for (let end = at + 1; end <= to - (count - 1); end++) {
      // Were it whole here, the server would have given it.
      if (wholeLength(bytes.subarray(0, end)) === end) continue;
      const rest = this.#series(bytes, { at: end, to, count: count - 1 });
      if (rest.length === 0) continue;
      for (const id of this.#startingAt(bytes, at, end)) found.push(...rest.map((ids) => [id, ...ids]));
    }
    return found;
  }

  #startingAt(bytes: Uint8Array, at: number, end: number): readonly number[] {
    return this.#partial.get(latin1(bytes.subarray(at, end))) ?? [];
  }
}

/** @throws Error when the file's header has no tokeniser of a known kind. */
export async function readVocabulary(path: string): Promise<ServerVocabulary> {
  // Imported only here: it takes half a second, and a worker with another engine does without.
  const { readGgufFileInfo } = await import("node-llama-cpp");
  const { metadata } = await readGgufFileInfo(path, { readTensorInfo: false, logWarnings: false });
  const header = Header.safeParse(metadata);
  if (!header.success) throw new Error(`${path} has no vocabulary that this engine can read`);
  return new ServerVocabulary(header.data.tokenizer.ggml);
}

/** How many of the first bytes are whole characters; bytes that can be none count as whole. */
export function wholeLength(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(4, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return size > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

const isText = (bytes: Uint8Array) => !Buffer.from(bytes).toString("utf8").includes("\u{FFFD}");

/** Reads a token's text as its bytes. */
function reader(model: string): (text: string, kind: number) => Uint8Array {
  if (model === "gpt2") {
    const codes = byteCodes();
    return (text, kind) => {
      if (kind === CONTROL) return new Uint8Array();
      const bytes = kind === USER_DEFINED ? null : Array.from(text, (char) => codes.get(char));
      return bytes?.every((byte) => byte !== undefined) ? Uint8Array.from(bytes) : Buffer.from(text);
    };
  }
  if (model === "llama") {
    return (text, kind) => {
      if (kind === CONTROL) return new Uint8Array();
      return kind === BYTE
        ? Uint8Array.of(Number.parseInt(text.slice(3, 5), 16))
        : Buffer.from(text.replaceAll("▁", " "));
    };
  }
  throw new Error(`a vocabulary of the kind "${model.slice(0, 40)}" is not known to this engine`);
}

const printable = (byte: number) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);

/** GPT-2's writing of bytes: printable ones stand for themselves, the others are shifted behind Latin-1. */
function byteCodes(): Map<string, number> {
  const codes = new Map<string, number>();
  let shifted = 256;
  for (let byte = 0; byte < 256; byte++) codes.set(String.fromCodePoint(printable(byte) ? byte : shifted++), byte);
  return codes;
}

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");
