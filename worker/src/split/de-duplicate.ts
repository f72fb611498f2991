/**
 * A head's engine sends every node the weights of its layers, which the node has in its own copy of the model's file. The
 * entry cuts them out of the stream and sends where they are; the exit puts them in again, so that the node's engine
 * reads what the head's wrote, byte for byte.
 *
 * From the head to the node a tunnel carries frames: kind (1 byte), length (4 bytes, little endian), payload. The other way
 * it carries the bytes as they are. What the entry does not understand it sends as data: a stream of another version of
 * the engine's protocol costs more bytes and comes out the same.
 */
import { Transform } from "node:stream";
import type { TransformCallback } from "node:stream";
import type { ModelBytes } from "./model-bytes.ts";
import type { TensorPlaces } from "./tensor-places.ts";

const DATA = 0;
const REFERENCE = 1;
const FRAME_HEAD = 5;
/** Offset in the file (8 bytes), length (4 bytes). */
const REFERENCE_BYTES = 12;
/** Of what one frame stands for: many times what a socket gives at once. */
const PIECE_BYTES_MAX = 1024 * 1024;
/** Shorter pieces are not looked up: reading them costs more than sending them. */
const LEAST_BYTES = 4_096;

/** llama.cpp's RPC 5.0.0: command (1 byte), size (8 bytes), and for SET_TENSOR the tensor with its name, then an offset. */
const COMMAND_HEAD = 9;
const SET_TENSOR = 6;
const TENSOR_HEAD = 304;
const NAME_AT = 228;
const NAME_BYTES = 64;
const OFFSET_AT = 296;

const NOTHING = Buffer.alloc(0);

/** What the next bytes of the head's engine are. */
type Next =
  | { kind: "command" }
  | { kind: "tensor"; bodyBytes: number }
  /** `at`: where in the file the same bytes may be; null: nowhere. */
  | { kind: "body"; left: number; at: number | null };

/** Bytes of the head's engine in, frames out. */
export class Cutter extends Transform {
  readonly #places: TensorPlaces;
  readonly #model: ModelBytes;
  readonly #count: { raw: number; sent: number };
  #next: Next = { kind: "command" };
  /** The beginning of a command's or tensor's head, where a chunk ended within it. */
  #part = NOTHING;

  /** @param count  is added to */
  constructor(parts: { places: TensorPlaces; model: ModelBytes; count: { raw: number; sent: number } }) {
    super();
    this.#places = parts.places;
    this.#model = parts.model;
    this.#count = parts.count;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, taken: TransformCallback): void {
    this.#count.raw += chunk.length;
    this.#cut(chunk).then(() => taken(), taken);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#model.close();
    done(error);
  }

  /** Sends an empty frame. */
  sayAlive(): void {
    this.#send(DATA, NOTHING);
  }

  async #cut(chunk: Buffer): Promise<void> {
    let sent = 0;
    for (let at = 0; at < chunk.length;) {
      const next = this.#next;
      if (next.kind !== "body") {
        at += this.#readHead(chunk.subarray(at), next);
        continue;
      }
      const piece = chunk.subarray(at, at + Math.min(next.left, PIECE_BYTES_MAX));
      const isInFile = next.at !== null && (await this.#has(piece, next.at));
      if (next.at !== null && isInFile) {
        this.#sendData(chunk.subarray(sent, at));
        this.#sendReference(next.at, piece.length);
        sent = at + piece.length;
      }
      at += piece.length;
      this.#next = body(next.left - piece.length, isInFile && next.at !== null ? next.at + piece.length : null);
    }
    this.#sendData(chunk.subarray(sent));
  }

  /** Returns how many of the bytes belong to the head of a command or tensor. */
  #readHead(bytes: Buffer, next: Exclude<Next, { kind: "body" }>): number {
    const need = next.kind === "command" ? COMMAND_HEAD : TENSOR_HEAD;
    const taken = Math.min(need - this.#part.length, bytes.length);
    const head = Buffer.concat([this.#part, bytes.subarray(0, taken)]);
    const isWhole = head.length === need;
    this.#part = isWhole ? NOTHING : head;
    if (isWhole) this.#next = next.kind === "command" ? afterCommand(head) : this.#afterTensor(head, next.bodyBytes);
    return taken;
  }

  #afterTensor(head: Buffer, bodyBytes: number): Next {
    const [name = ""] = head.toString("latin1", NAME_AT, NAME_AT + NAME_BYTES).split("\0", 1);
    const place = this.#places.get(name);
    return body(bodyBytes, place === undefined ? null : place + Number(head.readBigUInt64LE(OFFSET_AT)));
  }

  async #has(piece: Buffer, at: number): Promise<boolean> {
    // A file that cannot be read now costs bytes, not the tunnel.
    const mine = await this.#model.read(at, piece.length).catch(() => null);
    return mine?.equals(piece) ?? false;
  }

  #sendData(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES_MAX)
      this.#send(DATA, bytes.subarray(at, at + PIECE_BYTES_MAX));
  }

  #sendReference(offset: number, length: number): void {
    const payload = Buffer.allocUnsafe(REFERENCE_BYTES);
    payload.writeBigUInt64LE(BigInt(offset), 0);
    payload.writeUInt32LE(length, 8);
    this.#send(REFERENCE, payload);
  }

  /** Head and payload in one piece: two would be two packets. */
  #send(kind: number, payload: Buffer): void {
    const frame = Buffer.allocUnsafe(FRAME_HEAD + payload.length);
    frame.writeUInt8(kind, 0);
    frame.writeUInt32LE(payload.length, 1);
    payload.copy(frame, FRAME_HEAD);
    this.#count.sent += frame.length;
    this.push(frame);
  }
}

function afterCommand(head: Buffer): Next {
  const size = Number(head.readBigUInt64LE(1));
  const bodyBytes = size - TENSOR_HEAD;
  if (head.readUInt8(0) === SET_TENSOR && bodyBytes >= LEAST_BYTES) return { kind: "tensor", bodyBytes };
  return body(size, null);
}

function body(left: number, at: number | null): Next {
  return left > 0 ? { kind: "body", left, at } : { kind: "command" };
}

/** Frames in, the bytes of the head's engine out. A frame that is none ends the stream with an error. */
export class Joiner extends Transform {
  readonly #model: ModelBytes;
  /** Bytes of data that are still to come in this frame. */
  #left = 0;
  #kind: number | null = null;
  /** The beginning of a frame's head or of a reference, where a chunk ended within it. */
  #part = NOTHING;
  #onRoom: (() => void) | null = null;

  constructor(model: ModelBytes) {
    super();
    this.#model = model;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, taken: TransformCallback): void {
    this.#join(chunk).then(() => taken(), taken);
  }

  override _flush(done: TransformCallback): void {
    const isWhole = this.#kind === null && this.#part.length === 0;
    done(isWhole ? null : new Error("the tunnel ended within a frame"));
  }

  override _read(size: number): void {
    this.#onRoom?.();
    this.#onRoom = null;
    // oxlint-disable-next-line no-underscore-dangle -- Node's name for it.
    super._read(size);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#model.close();
    done(error);
  }

  async #join(chunk: Buffer): Promise<void> {
    for (let at = 0; at < chunk.length;) {
      if (this.#kind === DATA) {
        const piece = chunk.subarray(at, at + this.#left);
        this.push(piece);
        at += piece.length;
        this.#left -= piece.length;
        if (this.#left === 0) this.#kind = null;
        continue;
      }
      const need = this.#kind === null ? FRAME_HEAD : REFERENCE_BYTES;
      const taken = Math.min(need - this.#part.length, chunk.length - at);
      const head = Buffer.concat([this.#part, chunk.subarray(at, at + taken)]);
      at += taken;
      this.#part = head.length < need ? head : NOTHING;
      if (head.length < need) return;
      if (this.#kind === null) this.#begin(head.readUInt8(0), head.readUInt32LE(1));
      else await this.#putIn(Number(head.readBigUInt64LE(0)), head.readUInt32LE(8));
    }
  }

  #begin(kind: number, length: number): void {
    const isKnown = (kind === DATA && length <= PIECE_BYTES_MAX) || (kind === REFERENCE && length === REFERENCE_BYTES);
    if (!isKnown) throw new Error(`the head sent a frame that is none (kind ${kind}, ${length} bytes)`);
    this.#left = length;
    this.#kind = kind === DATA && length === 0 ? null : kind;
  }

  async #putIn(offset: number, length: number): Promise<void> {
    const bytes = length <= PIECE_BYTES_MAX ? await this.#model.read(offset, length) : null;
    if (!bytes)
      throw new Error(`the head refers to bytes that this model's file does not have (${length} at ${offset})`);
    this.#kind = null;
    // A few bytes stand for a megabyte: the next is read only when this one was taken.
    if (!this.push(bytes)) await new Promise<void>((resolve) => (this.#onRoom = resolve));
  }
}
