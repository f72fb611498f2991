/** Checks a receipt's signature on this device, where the browser knows Ed25519, and whether its sums are right. */
import type { Receipt, ReceiptKey, SignedReceipt } from "@starai/protocol/receipts";

/**
 * `unknown_key`: the server publishes no such key. `unsupported`: this browser cannot check Ed25519, or not on an
 * address without https.
 */
export type SignatureState = "verified" | "false" | "unknown_key" | "unsupported";

/** @param keys  the server's published keys, retired ones among them */
export async function verifySignature(
  { receipt, key, signature }: SignedReceipt,
  keys: readonly Pick<ReceiptKey, "id" | "publicKey">[],
  subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle,
): Promise<SignatureState> {
  const published = keys.find(({ id }) => id === key);
  if (published === undefined) return "unknown_key";
  const bytes = bytesOf(signature);
  const publicKey = bytesOf(published.publicKey);
  if (bytes === null || publicKey === null) return "false";
  const imported = await importKey(subtle, publicKey);
  if (subtle === undefined || imported === null) return "unsupported";
  const good = await subtle.verify({ name: "Ed25519" }, imported, bytes, new TextEncoder().encode(receipt));
  return good ? "verified" : "false";
}

/** Whether what each got is what the person paid. */
export function addsUp({ legs, amount }: Pick<Receipt, "legs" | "amount">): boolean {
  return legs.reduce((sum, leg) => sum + BigInt(leg.amount), 0n) === BigInt(amount);
}

async function importKey(subtle: SubtleCrypto | undefined, publicKey: BufferSource): Promise<CryptoKey | null> {
  try {
    return (await subtle?.importKey("raw", publicKey, { name: "Ed25519" }, false, ["verify"])) ?? null;
  } catch {
    return null;
  }
}

/** Of base64url; null for anything else. */
function bytesOf(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[\w-]*={0,2}$/.test(text)) return null;
  try {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.codePointAt(0) ?? 0);
  } catch {
    return null;
  }
}
