/** A wallet's side of `ton_proof`: signs that its key belongs to whoever opened the page of this domain. */
import { createHash } from "node:crypto";
import type { Address } from "@ton/core";
import { sign } from "@ton/crypto";

export interface ProofOrder {
  readonly address: Address;
  readonly secretKey: Buffer;
  readonly domain: string;
  readonly payload: string;
  /** UNIX seconds. */
  readonly timestamp: number;
}

/** The item of the connect event, with the signature in base64. */
export function signProof({ address, secretKey, domain, payload, timestamp }: ProofOrder) {
  const [workchain, length, time] = [Buffer.alloc(4), Buffer.alloc(4), Buffer.alloc(8)];
  const lengthBytes = Buffer.byteLength(domain);
  workchain.writeInt32BE(address.workChain);
  length.writeUInt32LE(lengthBytes);
  time.writeBigUInt64LE(BigInt(timestamp));
  const item = sha256("ton-proof-item-v2/", workchain, address.hash, length, domain, time, payload);
  const message = sha256(Buffer.from([0xff, 0xff]), "ton-connect", item);
  const signature = sign(message, secretKey).toString("base64");
  return {
    name: "ton_proof" as const,
    proof: { timestamp, domain: { lengthBytes, value: domain }, payload, signature },
  };
}

function sha256(...parts: (Buffer | string)[]): Buffer {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}
