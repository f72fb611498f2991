/** Signs receipts with the server's own Ed25519 key. */
import { generateKeyPairSync, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { keyId, publicKeyOf } from "./receipt-key.ts";

export interface Signature {
  /** Id of the public key. */
  readonly key: string;
  /** base64url */
  readonly signature: string;
}

export class ReceiptSigner {
  readonly #key: KeyObject;
  readonly id: string;
  /** base64url, 32 bytes. */
  readonly publicKey: string;

  constructor(key: KeyObject = generateKeyPairSync("ed25519").privateKey) {
    this.#key = key;
    this.publicKey = publicKeyOf(key);
    this.id = keyId(this.publicKey);
  }

  sign(text: string): Signature {
    return { key: this.id, signature: sign(null, Buffer.from(text, "utf8"), this.#key).toString("base64url") };
  }
}
