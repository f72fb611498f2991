/**
 * Whether a wallet proved, by TON Connect's `ton_proof`, that it belongs to whoever signs in. The key is asked of the chain: a wallet may have
 * another key today than in the StateInit that gave it its address. Only where the chain cannot tell is the StateInit believed, and only of
 * wallets whose code cannot change their key.
 * @see https://docs.ton.org/applications/ton-connect/how-to/ton-proof
 */
import { createHash } from "node:crypto";
import { Address, Cell, loadStateInit } from "@ton/core";
import type { StateInit } from "@ton/core";
import { isWeakKey } from "../wrappers/session-key.ts";
import { knownWalletKey } from "./known-wallets.ts";

/** What a wallet returned to the page, as it came: nothing of it is trusted. */
export interface WalletProof {
  /** Raw. */
  address: string;
  /** The chain's global id, decimal. */
  network: string;
  /** A BoC in base64; a wallet that is deployed need not send it. */
  walletStateInit?: string | undefined;
  proof: {
    /** UNIX seconds; some wallets send them as text. */
    timestamp: number | string;
    domain: { lengthBytes: number; value: string };
    /** The nonce that the page was given. */
    payload: string;
    /** Base64. */
    signature: string;
  };
}

export interface ProofRules {
  /** The chain's global id: -239 mainnet, -3 testnet. */
  networkId: number;
  /** Hosts of our pages, with the port where it is not the usual one. */
  domains: readonly string[];
  /** UNIX seconds. */
  nowS: number;
}

/** What is asked of the chain. Methods throw when it cannot be asked. */
export interface ProofChain {
  /** Whether a contract was deployed there; it may be frozen since. */
  isDeployed(address: Address): Promise<boolean>;
  /** The number that a get-method without parameters returns; null where the contract has none of this name. */
  getNumber(address: Address, method: string): Promise<bigint | null>;
}

export type ProofFault =
  | "network"
  | "domain"
  | "timestamp"
  | "address"
  | "state-init"
  | "unknown-wallet"
  | "signatures-disabled"
  | "weak-key"
  | "signature";

/** The wallet proved nothing. `code` says which rule it broke. */
export class ProofRefused extends Error {
  readonly code: ProofFault;

  constructor(code: ProofFault, message: string) {
    super(message);
    this.name = "ProofRefused";
    this.code = code;
  }
}

/** How old a proof may be: a person reads and confirms in the wallet meanwhile. */
export const PROOF_AGE_SECONDS = 900;
/** How far a wallet's clock may be ahead of ours. */
export const CLOCK_AHEAD_SECONDS = 60;
const STATE_INIT_CHARS_MAX = 16_384;
const SIGNATURE_BYTES = 64;

/**
 * Verifies all but the nonce. The caller uses it up before, in one step that finds `payload` unused, unexpired and made for this person, so that a
 * stranger's proof and a repeated one cost no question to the chain; and opens it again where `chain` threw, for an outage is nobody's fault.
 * @throws {ProofRefused} and what `chain` throws.
 */
export async function verifyTonProof(
  { address: raw, network, walletStateInit, proof }: WalletProof,
  rules: ProofRules,
  chain: ProofChain,
): Promise<{ address: Address; payload: string }> {
  if (network !== String(rules.networkId)) throw new ProofRefused("network", "the wallet is on another network");
  assertDomain(proof.domain, rules.domains);
  const timestamp = timestampOf(proof.timestamp, rules.nowS);
  const address = addressOf(raw);
  const init = walletStateInit === undefined ? null : stateInitOf(walletStateInit, address);
  const key = await keyOf(address, init, chain);
  if (isWeakKey(key)) throw new ProofRefused("weak-key", "anybody can sign for the wallet's key");
  const message = messageOf({ address, domain: proof.domain.value, timestamp, payload: proof.payload });
  if (!(await isSigned(message, proof.signature, key)))
    throw new ProofRefused("signature", "the proof is not signed with the wallet's key");
  return { address, payload: proof.payload };
}

function assertDomain({ value, lengthBytes }: WalletProof["proof"]["domain"], domains: readonly string[]): void {
  if (!domains.includes(value) || Buffer.byteLength(value) !== lengthBytes)
    throw new ProofRefused("domain", "the proof was made for another page");
}

function timestampOf(value: number | string, nowS: number): number {
  const seconds = typeof value === "string" && /^\d{1,12}$/.test(value) ? Number(value) : value;
  if (typeof seconds !== "number" || !Number.isSafeInteger(seconds) || seconds < 0)
    throw new ProofRefused("timestamp", "the proof has no time");
  if (seconds < nowS - PROOF_AGE_SECONDS) throw new ProofRefused("timestamp", "the proof is too old: connect again");
  if (seconds > nowS + CLOCK_AHEAD_SECONDS) throw new ProofRefused("timestamp", "the wallet's clock is ahead");
  return seconds;
}

/** Only the basechain: contracts and wrappers refuse every other address, too. */
function addressOf(raw: string): Address {
  if (!/^0:[0-9a-f]{64}$/i.test(raw)) throw new ProofRefused("address", "not a raw basechain address");
  return Address.parseRaw(raw);
}

function stateInitOf(boc: string, address: Address): StateInit {
  try {
    if (boc.length > STATE_INIT_CHARS_MAX) throw new RangeError("too long");
    const cell = Cell.fromBase64(boc);
    if (!cell.hash().equals(address.hash)) throw new RangeError("another account's");
    return loadStateInit(cell.beginParse());
  } catch (error) {
    throw Object.assign(new ProofRefused("state-init", "the wallet's StateInit is not its address's"), {
      cause: error,
    });
  }
}

/** The key that signs for the wallet today. */
async function keyOf(address: Address, init: StateInit | null, chain: ProofChain): Promise<Buffer> {
  const isDeployed = await chain.isDeployed(address);
  const current = isDeployed ? await chain.getNumber(address, "get_public_key") : null;
  if (current === null) return keyInStateInit(init, isDeployed);
  // A W5 can hand itself over to an extension; then its key signs for nothing any more.
  if ((await chain.getNumber(address, "is_signature_allowed")) === 0n) throw signaturesDisabled();
  if (BigInt.asUintN(256, current) !== current) throw new ProofRefused("unknown-wallet", "the wallet's key is no key");
  return Buffer.from(current.toString(16).padStart(64, "0"), "hex");
}

/** Of a wallet that is not deployed yet, or is too old to tell its key. */
function keyInStateInit(init: StateInit | null, isDeployed: boolean): Buffer {
  const known = init && knownWalletKey(init);
  if (!known || (isDeployed && known.tellsItsKey))
    throw new ProofRefused(
      "unknown-wallet",
      "the wallet's key is not known: send something from it first, or use another",
    );
  if (!known.signs) throw signaturesDisabled();
  return known.publicKey;
}

const signaturesDisabled = () => new ProofRefused("signatures-disabled", "the wallet's key signs for nothing any more");

function messageOf(signed: { address: Address; domain: string; timestamp: number; payload: string }): Buffer {
  const numbers = Buffer.alloc(4 + 4 + 8);
  numbers.writeInt32BE(signed.address.workChain, 0);
  numbers.writeUInt32LE(Buffer.byteLength(signed.domain), 4);
  numbers.writeBigUInt64LE(BigInt(signed.timestamp), 8);
  const item = sha256(
    Buffer.from("ton-proof-item-v2/"),
    numbers.subarray(0, 4),
    signed.address.hash,
    numbers.subarray(4, 8),
    Buffer.from(signed.domain),
    numbers.subarray(8),
    Buffer.from(signed.payload),
  );
  return sha256(Buffer.from([0xff, 0xff]), Buffer.from("ton-connect"), item);
}

const sha256 = (...parts: Buffer[]): Buffer => createHash("sha256").update(Buffer.concat(parts)).digest();

async function isSigned(message: Buffer, signature: string, publicKey: Buffer): Promise<boolean> {
  const bytes = Buffer.from(signature, "base64");
  if (bytes.length !== SIGNATURE_BYTES) return false;
  const key = await crypto.subtle.importKey("raw", new Uint8Array(publicKey), "Ed25519", false, ["verify"]);
  return crypto.subtle.verify("Ed25519", key, bytes, new Uint8Array(message));
}
