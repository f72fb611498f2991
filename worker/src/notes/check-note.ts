/** Whether a credit note says what it must: signed by the pool, for this machine, and next to the one before. Pure. */
import { createPublicKey, verify } from "node:crypto";
import { CreditNote } from "@starai/protocol/credit-note";
import type { SignedNote } from "@starai/protocol/credit-note";

const SIGNATURE_BYTES = 64;
/** Nine quintillion: what a number of the books holds at most. */
const TOTAL_MAX = 9_223_372_036_854_775_807n;

/** The last note of an asset. */
export interface NotePosition {
  readonly number: number;
  /** Nano units. */
  readonly total: bigint;
}

export const NOTHING: NotePosition = { number: 0, total: 0n };

export type CheckedNote =
  | { kind: "next"; note: CreditNote }
  /** It is one of those that are kept already. */
  | { kind: "known" }
  /** One before it is missing, which the pool may send again. */
  | { kind: "later"; fault: string; asset: CreditNote["asset"] }
  | { kind: "refused"; fault: string };

export interface NoteRules {
  /** This machine's key. */
  readonly worker: string;
  /** The pool's keys by their id, base64url. */
  readonly keys: Readonly<Record<string, string>>;
  readonly last: (asset: CreditNote["asset"]) => NotePosition;
}

export function checkNote(signed: SignedNote, { worker, keys, last }: NoteRules): CheckedNote {
  const publicKey = keys[signed.key];
  if (publicKey === undefined) return refused("it is signed with a key that the pool does not publish");
  if (!isSignedBy(publicKey, signed)) return refused("the pool's signature is not one of this text");
  const note = readNote(signed.note);
  if (note === null) return refused("its text is not a credit note");
  if (note.worker !== worker) return refused("it is another machine's");
  const { number, total } = last(note.asset);
  if (note.number <= number) return { kind: "known" };
  if (note.number !== number + 1)
    return { kind: "later", fault: `its number is ${note.number} and should be ${number + 1}`, asset: note.asset };
  const sum = total + BigInt(note.amount);
  if (BigInt(note.amount) <= 0n || sum > TOTAL_MAX) return refused("its amount is not one that can be earned");
  if (BigInt(note.total) !== sum) return refused(`its total is ${note.total} and should be ${sum}`);
  return { kind: "next", note };
}

/** Null for a text that is none. */
export function readNote(text: string): CreditNote | null {
  try {
    return CreditNote.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function isSignedBy(publicKey: string, { note, signature }: SignedNote): boolean {
  const bytes = Buffer.from(signature, "base64url");
  if (bytes.length !== SIGNATURE_BYTES) return false;
  try {
    const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: publicKey }, format: "jwk" });
    return verify(null, Buffer.from(note, "utf8"), key, bytes);
  } catch {
    return false;
  }
}

const refused = (fault: string) => ({ kind: "refused", fault }) as const;
