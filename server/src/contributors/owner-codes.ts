/**
 * Codes that a person makes for machines of theirs: whoever starts a worker with one says at once whose it is, without a
 * screen where a pairing code is typed. It cannot be guessed, and is to be kept as a password is: what joins with it
 * may head groups with the owner's other machines, whose layer servers do what a head says.
 */
import { createHash, randomBytes } from "node:crypto";
import type { Base } from "../base.ts";
import { workers } from "../db/schema.ts";
import { Refusal } from "../errors.ts";
import type { ContributorContext } from "./context.ts";
import { adoptWorker, ownerOf } from "./pair-worker.ts";
import type { MadeCode } from "./pairing-codes.ts";
import { WrongCodes } from "./wrong-codes.ts";

const CODE_BYTES = 16;
const VALID_MS = 24 * 3_600_000;
/** A rack; a further code is a click away. */
const MACHINES_MAX = 10;
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
export function createOwnerCode({ ownerCodes }: Pick<ContributorContext, "ownerCodes">, person: string): MadeCode {
  return ownerCodes.make(person);
}

interface Joining {
  readonly worker: string;
  readonly name: string;
  readonly version: string;
  readonly code: string;
  /** Where it joins from. */
  readonly address: string;
}

/** A machine joins with such a code and is its owner's from now on. Returns why it is not; null: it is. */
export async function adoptByCode(
  ctx: Pick<ContributorContext, "db" | "clock" | "ownerCodes">,
  { worker, name, version, code, address }: Joining,
): Promise<string | null> {
  const owner = await ownerOf(ctx.db, worker);
  const known = ctx.ownerCodes.find(code);
  // With each connection comes the same code, also when it is good no more.
  if (owner !== null) return known === undefined || known.person === owner ? null : SOMEBODYS;
  try {
    const { person, machines } = await ctx.ownerCodes.wrong.tried(address, async () => known ?? refuseUnknown());
    // It comes with every connection: unpairing would last until the next one.
    if (machines.has(worker)) return UNPAIRED;
    if (machines.size >= MACHINES_MAX)
      return `This owner code has brought ${MACHINES_MAX} machines, the most. This one is nobody's: start it with a new code.`;
    machines.add(worker);
    // Its owner is to be shown its name, also where it never had a lease.
    await ctx.db.insert(workers).values({ id: worker, name, version }).onConflictDoNothing();
    await adoptWorker(ctx, { worker, person }).catch((error: unknown) => {
      machines.delete(worker);
      throw error;
    });
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
}

const SOMEBODYS =
  "This machine is paired with somebody else than the owner code is of. Nothing was changed: unpair it first, by `npm run worker -- unpair` on the machine or in that person's app.";

const UNPAIRED =
  "This machine was unpaired since this owner code was used for it, so it is nobody's: start it with a new code, or pair it by `npm run worker -- pair`.";

function refuseUnknown(): never {
  throw new Refusal(
    "not_found",
    "This owner code is not good: it is older than a day, or the pool was restarted since. This machine is nobody's: start it with a new code, or pair it by `npm run worker -- pair`.",
  );
}

/** As people copy it. */
function hashOf(code: string): string {
  return createHash("sha256").update(`starai/owner/v1 ${code.trim().toLowerCase()}`).digest("hex");
}
