/**
 * The contracts' messages and errors, read from their sources: `struct (0x…) Name { field: type }` in messages.tolk,
 * `const ERROR_NAME = n` in errors.tolk. So the explorer and the tool decode what was compiled, and no number is written twice.
 */
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Cell, Slice } from "@ton/core";

const SOURCES = fileURLToPath(new URL("../src", import.meta.url));

export interface Field {
  readonly name: string;
  /** Format of `value`: `amount` is nano units, `address` friendly form, `number` decimal, `hash` hex. */
  readonly kind: "amount" | "address" | "number" | "hash" | "flag" | "cell";
  readonly value: string;
}

export interface Decoded {
  readonly contract: string;
  readonly name: string;
  readonly fields: readonly Field[];
}

type FieldTypes = readonly (readonly [name: string, type: string])[];

interface Struct {
  readonly contract: string;
  readonly name: string;
  readonly fields: FieldTypes;
}

export class TolkMessages {
  readonly #structs = new Map<number, Struct>();
  /** Structs without an op, which messages carry in a cell of their own: `Cell<Name>`. */
  readonly #inner = new Map<string, FieldTypes>();
  readonly #errors = new Map<string, string>();

  /** Reads every contract's folder; without contracts it decodes nothing. */
  static read(folder = SOURCES): TolkMessages {
    const messages = new TolkMessages();
    for (const entry of fs.existsSync(folder) ? fs.readdirSync(folder) : []) {
      messages.#addMessages(entry, read(path.join(folder, entry, "messages.tolk")));
      messages.#addErrors(entry, read(path.join(folder, entry, "errors.tolk")));
    }
    return messages;
  }

  /**
   * Decodes a body and advances it behind the op. Null when the op is unknown or the body does not match its struct; a
   * body that was `cut` when bounced is decoded as far as it goes.
   */
  decode(body: Slice, { cut = false }: { cut?: boolean } = {}): Decoded | null {
    if (body.remainingBits < 32) return null;
    const struct = this.#structs.get(body.loadUint(32));
    if (!struct) return null;
    const fields: Field[] = [];
    try {
      this.#read(body, struct.fields, fields);
    } catch {
      if (!cut) return null;
    }
    return { contract: struct.contract, name: struct.name, fields };
  }

  /** Adds fields to `into`. Those after one of an unsupported type cannot be read. @throws when the body ends before */
  #read(body: Slice, types: FieldTypes, into: Field[]): void {
    for (const [name, type] of types) {
      const inner = this.#inner.get(/^Cell<(\w+)>$/.exec(type)?.[1] ?? "");
      if (inner) {
        into.push(...this.#readCell(name, body.loadRef(), inner));
      } else if (type.includes(" | ")) {
        const chosen = this.decode(body);
        if (!chosen) return;
        into.push({ name, kind: "flag", value: chosen.name }, ...chosen.fields);
      } else {
        const field = readField(body, type);
        if (!field) return;
        if (name !== "queryId") into.push({ name, ...field });
      }
    }
  }

  /** The fields of a struct in a cell of its own; the cell's hash when it holds something else. */
  #readCell(name: string, cell: Cell, types: FieldTypes): Field[] {
    const fields: Field[] = [];
    try {
      this.#read(cell.beginParse(), types, fields);
      return fields;
    } catch {
      return [{ name, kind: "cell", value: cell.hash().toString("hex") }];
    }
  }

  /** An exit code's name; `contract` is its source folder. */
  error(contract: string, exitCode: number): string | null {
    return this.#errors.get(`${contract}:${exitCode}`) ?? null;
  }

  #addMessages(contract: string, source: string): void {
    for (const [, op, name, body] of source.matchAll(/^struct (?:\((0x[0-9a-f]{8})\) )?(\w+) \{([^}]*)\}/gm)) {
      const fields = [...body!.matchAll(/^\s*(\w+): ([^\n/]+?)\s*(?:\/\/.*)?$/gm)].map(
        ([, field, type]) => [field!, type!] as const,
      );
      if (op) this.#structs.set(Number(op), { contract, name: name!, fields });
      else this.#inner.set(name!, fields);
    }
  }

  #addErrors(contract: string, source: string): void {
    for (const [, name, code] of source.matchAll(/^const ERROR_(\w+) = (\d+)/gm))
      this.#errors.set(`${contract}:${code}`, name!);
  }
}

/** An optional field without a value. */
const NOTHING = { kind: "flag", value: "—" } as const;

function readField(body: Slice, type: string): Pick<Field, "kind" | "value"> | null {
  const integer = /^(u?)int(\d+)$/.exec(type);
  if (integer) {
    const bits = Number(integer[2]);
    const value = integer[1] ? body.loadUintBig(bits) : body.loadIntBig(bits);
    return bits >= 128
      ? { kind: "hash", value: value.toString(16).padStart(bits / 4, "0") }
      : { kind: "number", value: value.toString() };
  }
  const bits = /^bits(\d+)$/.exec(type);
  if (bits) return { kind: "hash", value: body.loadBuffer(Number(bits[1]) / 8).toString("hex") };
  if (type === "coins") return { kind: "amount", value: body.loadCoins().toString() };
  if (type === "address") return { kind: "address", value: body.loadAddress().toString() };
  if (type === "address?") {
    const address = body.loadMaybeAddress();
    return address ? { kind: "address", value: address.toString() } : NOTHING;
  }
  if (type === "bool") return { kind: "flag", value: String(body.loadBit()) };
  const cell = /^(?:(?:cell|Cell<.*>)(\??)|dict|map<.*>)$/.exec(type);
  if (!cell) return null;
  // An empty map is stored as an optional cell without a value.
  const optional = cell[1] !== "";
  if (optional && !body.loadBit()) return NOTHING;
  return { kind: "cell", value: body.loadRef().hash().toString("hex") };
}

function read(file: string): string {
  return fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "";
}
