/** A wallet's `ton_proof`, signed by @ton/crypto over the bytes of TON Connect's specification. */
import { createHash } from "node:crypto";
import { beginCell, storeStateInit } from "@ton/core";
import type { Address, StateInit } from "@ton/core";
import { sign } from "@ton/crypto";
import type { KeyPair } from "@ton/crypto";
import type { WalletProof } from "../offchain/ton-proof.ts";

export interface Account {
  address: Address;
  init: StateInit;
}

export interface ProofTerms {
  networkId: number;
  key: Pick<KeyPair, "secretKey">;
  domain: string;
  payload: string;
  /** UNIX seconds. */
  timestamp: number | string;
}

export function signedProof(
  { address, init }: Account,
  { networkId, key, domain, payload, timestamp }: ProofTerms,
): WalletProof {
  const [workchain, length, time] = [Buffer.alloc(4), Buffer.alloc(4), Buffer.alloc(8)];
  workchain.writeInt32BE(address.workChain);
  length.writeUInt32LE(Buffer.byteLength(domain));
  time.writeBigUInt64LE(BigInt(timestamp));
  const item = sha256("ton-proof-item-v2/", workchain, address.hash, length, domain, time, payload);
  const message = sha256(Buffer.from([0xff, 0xff]), "ton-connect", item);
  return {
    address: address.toRawString(),
    network: String(networkId),
    walletStateInit: beginCell().store(storeStateInit(init)).endCell().toBoc().toString("base64"),
    proof: {
      timestamp,
      domain: { lengthBytes: Buffer.byteLength(domain), value: domain },
      payload,
      signature: sign(message, key.secretKey).toString("base64"),
    },
  };
}

function sha256(...parts: (Buffer | string)[]): Buffer {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}
