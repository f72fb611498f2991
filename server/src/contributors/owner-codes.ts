/**
 * Codes that a person makes for machines of theirs: whoever starts a worker with one says at once whose it is, without a
 * screen where a pairing code is typed. It cannot be guessed, and is to be kept as a password is: what joins with it
 * may head groups with the owner's other machines, whose layer servers do what a head says.
 */
import { createHash, randomBytes } from "node:crypto";
import type { Base } from "../base.ts";
import type { MadeCode } from "./pairing-codes.ts";
import { WrongCodes } from "./wrong-codes.ts";

const CODE_BYTES = 16;
const VALID_MS = 24 * 3_600_000;
/** A rack; a further code is a click away. */
export const MACHINES_MAX = 10;
/** Of a person: the fourth ends the first. */
const LIVE_MAX = 3;
/** Of all people together, some hundred bytes each; beyond it the oldest are forgotten. */
const ALL_LIVE_MAX = 10_000;

interface OwnerCode {
  readonly person: string;
  readonly expiresAt: number;
  /** Those that it made somebody's. */
  readonly machines: Set<string>;
}

/** In memory, by the hash: a restarted server asks for a new code, and a machine that is somebody's already stays theirs. */
export class OwnerCodes {
  readonly #parts: Pick<Base, "clock">;
  readonly #codes = new Map<string, OwnerCode>();
  /** By network address: a worker's key costs nothing. */
  readonly wrong: WrongCodes;

  constructor(parts: Pick<Base, "clock" | "monotonic">) {
    this.#parts = parts;
    this.wrong = new WrongCodes(
      parts,
      "Too many wrong owner codes came from this address. This machine is nobody's: start it again in ten minutes, with a code that its owner has just made.",
    );
  }

  make(person: string): MadeCode {
    const now = this.#parts.clock();
    for (const [hash, { expiresAt }] of this.#codes) if (expiresAt <= now) this.#codes.delete(hash);
    const theirs = [...this.#codes].filter(([, code]) => code.person === person);
    for (const [hash] of theirs.slice(0, Math.max(0, theirs.length - LIVE_MAX + 1))) this.#codes.delete(hash);
    const code = randomBytes(CODE_BYTES).toString("hex");
    const expiresAt = now + VALID_MS;
    this.#codes.set(hashOf(code), { person, expiresAt, machines: new Set() });
    if (this.#codes.size > ALL_LIVE_MAX) this.#codes.delete(this.#codes.keys().next().value!);
    return { code, expiresAt: new Date(expiresAt) };
  }

  find(code: string): OwnerCode | undefined {
    const found = this.#codes.get(hashOf(code));
    return found !== undefined && found.expiresAt > this.#parts.clock() ? found : undefined;
  }
}

/** A code for machines of this person, good for a day and ten machines. */
export function createOwnerCode({ ownerCodes }: { ownerCodes: OwnerCodes }, person: string): MadeCode {
  return ownerCodes.make(person);
}

/** As people copy it. */
function hashOf(code: string): string {
  return createHash("sha256").update(`starai/owner/v1 ${code.trim().toLowerCase()}`).digest("hex");
}
