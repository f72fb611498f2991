/** Who may sign in with a wallet: real wallets on the real TVM, and everybody who must not. */
import { beginCell, Cell, contractAddress, toNano } from "@ton/core";
import type { StateInit } from "@ton/core";
import { keyPairFromSeed } from "@ton/crypto";
import { GetMethodError } from "@ton/sandbox";
import {
  WalletContractV1R1,
  WalletContractV1R2,
  WalletContractV1R3,
  WalletContractV2R1,
  WalletContractV2R2,
  WalletContractV3R1,
  WalletContractV3R2,
  WalletContractV4,
  WalletContractV5Beta,
  WalletContractV5R1,
} from "@ton/ton";
import { runTolkCompiler } from "@ton/tolk-js";
import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { ProofRefused, verifyTonProof } from "../offchain/ton-proof.ts";
import type { ProofChain, ProofRules, WalletProof } from "../offchain/ton-proof.ts";
import { GENESIS, TestChain } from "./test-chain.ts";
import { signedProof } from "./test-ton-proof.ts";
import type { Account, ProofTerms } from "./test-ton-proof.ts";

const DOMAIN = "app.example:8080";
const NONCE = "a nonce of ours";
const keys = keyPairFromSeed(Buffer.alloc(32, 1));
const otherKeys = keyPairFromSeed(Buffer.alloc(32, 2));

let chain: TestChain;
let asks: ProofChain;
let rules: ProofRules;
beforeAll(async () => {
  chain = await TestChain.open();
  rules = { networkId: chain.networkId, domains: ["example", DOMAIN], nowS: GENESIS };
  asks = {
    isDeployed: async (address) => (await chain.getContract(address)).accountState?.type === "active",
    getNumber: async (address, method) => {
      try {
        return (await chain.runGetMethod(address, method)).stackReader.readBigNumber();
      } catch (error) {
        if (error instanceof GetMethodError) return null;
        throw error;
      }
    },
  };
});

const accountOf = (init: StateInit): Account => ({ address: contractAddress(0, init), init });
async function deploy({ address, init }: Account): Promise<void> {
  const payer = await chain.treasury("payer");
  await payer.send({ to: address, init, value: toNano("0.1"), bounce: false });
  expect(await asks.isDeployed(address)).toBe(true);
}

const proofOf = (account: Account, changed: Partial<ProofTerms> = {}): WalletProof =>
  signedProof(account, { ...terms(), ...changed });
const terms = () => ({ networkId: chain.networkId, key: keys, domain: DOMAIN, payload: NONCE, timestamp: GENESIS });

function withoutInit({ address, network, proof }: WalletProof): WalletProof {
  return { address, network, proof };
}

/** The rule that refuses the proof, or that it signs in. */
async function outcomeOf(proof: WalletProof, by: ProofChain = asks): Promise<string> {
  try {
    const { address, payload } = await verifyTonProof(proof, rules, by);
    expect([address.toRawString(), payload]).toEqual([proof.address, proof.proof.payload]);
    return "signed in";
  } catch (error) {
    if (error instanceof ProofRefused) return error.code;
    throw error;
  }
}

const args = { workchain: 0, publicKey: keys.publicKey };
const w5 = WalletContractV5R1.create(args);

describe.each([
  ["v1R1", WalletContractV1R1.create(args), false],
  ["v1R2", WalletContractV1R2.create(args), false],
  ["v1R3", WalletContractV1R3.create(args), true],
  ["v2R1", WalletContractV2R1.create(args), false],
  ["v2R2", WalletContractV2R2.create(args), true],
  ["v3R1", WalletContractV3R1.create(args), false],
  ["v3R2", WalletContractV3R2.create(args), true],
  ["v4R2", WalletContractV4.create(args), true],
  ["W5", w5, true],
] as const)("a wallet %s", (_, wallet, tellsItsKey) => {
  const account: Account = wallet;

  test("that is not deployed signs in by its StateInit, and not without it or with another key", async () => {
    expect(await outcomeOf(proofOf(account))).toBe("signed in");
    expect(await outcomeOf(withoutInit(proofOf(account)))).toBe("unknown-wallet");
    expect(await outcomeOf(proofOf(account, { key: otherKeys }))).toBe("signature");
  });

  test("that is deployed signs in, and not with another key", async () => {
    await deploy(account);
    expect(await asks.getNumber(account.address, "get_public_key")).toBe(
      tellsItsKey ? BigInt(`0x${keys.publicKey.toString("hex")}`) : null,
    );
    expect(await outcomeOf(proofOf(account))).toBe("signed in");
    expect(await outcomeOf(proofOf(account, { key: otherKeys }))).toBe("signature");
    expect(await outcomeOf(withoutInit(proofOf(account, { key: otherKeys })))).toBe(
      tellsItsKey ? "signature" : "unknown-wallet",
    );
    expect(await outcomeOf(withoutInit(proofOf(account)))).toBe(tellsItsKey ? "signed in" : "unknown-wallet");
  });
});

/** Gives the wallet below another key. */
async function rotate({ address }: Account, key: Buffer) {
  const payer = await chain.treasury("payer");
  await payer.send({ to: address, value: toNano("0.1"), body: beginCell().storeBuffer(key).endCell() });
}

describe("a wallet that can change its key", () => {
  let code: Cell;
  beforeAll(async () => {
    const compiled = await runTolkCompiler({ entrypointFileName: "wallet.tolk", fsReadCallback: () => ROTATING });
    if (compiled.status === "error") throw new Error(compiled.message);
    code = Cell.fromBase64(compiled.codeBoc64);
  });
  /** Its address is derived from the first key. `salt` makes another account. */
  const rotating = (key: Buffer, salt: number) =>
    accountOf({ code, data: beginCell().storeBuffer(key).storeBuffer(key).storeUint(salt, 32).endCell() });

  test("signs in with the key it has now, not with the one in its StateInit", async () => {
    const account = rotating(keys.publicKey, 1);
    await deploy(account);
    expect(await outcomeOf(proofOf(account))).toBe("signed in");
    await rotate(account, otherKeys.publicKey);
    for (const proof of [proofOf(account), withoutInit(proofOf(account))])
      expect(await outcomeOf(proof)).toBe("signature");
    const now = proofOf(account, { key: otherKeys });
    for (const proof of [now, withoutInit(now)]) expect(await outcomeOf(proof)).toBe("signed in");
  });

  test("does not sign in before it is deployed: nobody can know what its code does with the key", async () => {
    expect(await outcomeOf(proofOf(rotating(keys.publicKey, 2)))).toBe("unknown-wallet");
  });

  test("does not sign in with a key for which anybody can sign", async () => {
    const account = rotating(keys.publicKey, 3);
    await deploy(account);
    for (const weak of [Buffer.alloc(32), Buffer.alloc(32).fill(1, 0, 1), Buffer.alloc(32, 0xff)]) {
      await rotate(account, weak);
      expect(await outcomeOf(proofOf(account))).toBe("weak-key");
    }
  });
});

/** As a wallet of Telegram does: the address comes from the first key, `get_public_key` tells the current one. */
const ROTATING = `
struct Storage { first: uint256; key: uint256; salt: uint32 }
fun onInternalMessage(in: InMessage) {
    if (in.body.isEmpty()) { return; }
    var body = in.body;
    var storage = Storage.fromCell(contract.getData());
    storage.key = body.loadUint(256);
    contract.setData(storage.toCell());
}
get fun get_public_key(): int { return Storage.fromCell(contract.getData()).key; }
`;

describe("a W5 that handed itself over to an extension", () => {
  /** Signatures disabled, one extension. */
  const data = beginCell()
    .storeBit(false)
    .storeUint(0, 32)
    .storeUint(5, 32)
    .storeBuffer(keys.publicKey)
    .storeMaybeRef(beginCell().storeUint(0, 8).endCell())
    .endCell();
  const account = accountOf({ code: w5.init.code, data });

  test("does not sign in by its key, deployed or not", async () => {
    expect(await outcomeOf(proofOf(account))).toBe("signatures-disabled");
    await deploy(account);
    expect(await outcomeOf(proofOf(account))).toBe("signatures-disabled");
  });
});

describe("a proof", () => {
  test("counts for fifteen minutes, and a minute before by our clock; its time may be text", async () => {
    for (const seconds of [0, 60, -900]) {
      expect(await outcomeOf(proofOf(w5, { timestamp: GENESIS + seconds }))).toBe("signed in");
      expect(await outcomeOf(proofOf(w5, { timestamp: String(GENESIS + seconds) }))).toBe("signed in");
    }
    for (const timestamp of [GENESIS + 61, GENESIS - 901, String(GENESIS + 61), String(GENESIS - 901)])
      expect(await outcomeOf(proofOf(w5, { timestamp }))).toBe("timestamp");
  });

  test.each([
    ["of another network", "network", (proof) => ({ ...proof, network: "-239" })],
    ["made for another page", "domain", (proof) => on(proof, { domain: { lengthBytes: 11, value: "evil.example" } })],
    ["with a domain of another length", "domain", (proof) => on(proof, { domain: { lengthBytes: 7, value: DOMAIN } })],
    [
      "for another of our pages than it was signed for",
      "signature",
      (proof) => on(proof, { domain: { lengthBytes: 7, value: "example" } }),
    ],
    ["with another time than it was signed at", "signature", (proof) => on(proof, { timestamp: GENESIS - 1 })],
    ["without a time", "timestamp", (proof) => on(proof, { timestamp: Number.NaN })],
    ["with a broken time", "timestamp", (proof) => on(proof, { timestamp: "1e9" })],
    ["with a fraction of a second", "timestamp", (proof) => on(proof, { timestamp: GENESIS - 0.5 })],
    ["with another nonce than it was signed for", "signature", (proof) => on(proof, { payload: "another nonce" })],
    ["of another account", "state-init", (proof) => ({ ...proof, address: `0:${"5a".repeat(32)}` })],
    [
      "of an account in the masterchain",
      "address",
      (proof) => ({ ...proof, address: proof.address.replace("0:", "-1:") }),
    ],
    ["of a friendly address", "address", (proof) => ({ ...proof, address: w5.address.toString() })],
    [
      "with another wallet's StateInit",
      "state-init",
      (proof) => ({ ...proof, walletStateInit: proofOf(WalletContractV4.create(args)).walletStateInit }),
    ],
    ["with a StateInit that is none", "state-init", (proof) => ({ ...proof, walletStateInit: "te6cc" })],
    ["with an endless StateInit", "state-init", (proof) => ({ ...proof, walletStateInit: "A".repeat(20_000) })],
    ["without a signature", "signature", (proof) => on(proof, { signature: "" })],
    ["with half a signature", "signature", (proof) => on(proof, { signature: proof.proof.signature.slice(0, 44) })],
    [
      "with a signature of zeros",
      "signature",
      (proof) => on(proof, { signature: Buffer.alloc(64).toString("base64") }),
    ],
  ] satisfies [string, string, (proof: WalletProof) => WalletProof][])("%s is refused", async (_, code, change) => {
    const proof = proofOf(w5);
    expect(await outcomeOf(proof)).toBe("signed in");
    expect(await outcomeOf(change(proof))).toBe(code);
  });

  test("of code that is nearly a wallet's is refused: a wallet that is not known, and data too short for a key", async () => {
    expect(await outcomeOf(proofOf(WalletContractV5Beta.create(args)))).toBe("unknown-wallet");
    expect(
      await outcomeOf(proofOf(accountOf({ code: w5.init.code, data: beginCell().storeUint(1, 33).endCell() }))),
    ).toBe("unknown-wallet");
    expect(await outcomeOf(proofOf(accountOf({ code: null, data: w5.init.data })))).toBe("unknown-wallet");
  });

  test("of a deployed wallet that could tell its key and does not, as a frozen one, is refused; an old wallet's StateInit is enough", async () => {
    const silent: ProofChain = { isDeployed: async () => true, getNumber: async () => null };
    expect(await outcomeOf(proofOf(w5), silent)).toBe("unknown-wallet");
    expect(await outcomeOf(proofOf(WalletContractV3R1.create(args)), silent)).toBe("signed in");
  });

  test("that the chain cannot be asked about is not refused but fails: the person tries again", async () => {
    const down = { ...asks, isDeployed: async () => Promise.reject(new Error("the endpoint is down")) };
    await expect(verifyTonProof(proofOf(w5), rules, down)).rejects.toThrow("the endpoint is down");
  });

  test("never breaks its verifier, whatever it holds", async () => {
    const text = fc.oneof(fc.string({ maxLength: 80 }), fc.base64String({ maxLength: 400 }));
    const valid = proofOf(w5);
    const proofs = fc.record({
      address: fc.oneof(fc.constant(valid.address), text),
      network: fc.oneof(fc.constant(valid.network), text),
      walletStateInit: fc.oneof(fc.constant(valid.walletStateInit), fc.constant(undefined), text),
      proof: fc.record({
        timestamp: fc.oneof(fc.constant<number | string>(GENESIS), fc.double(), text),
        domain: fc.record({
          lengthBytes: fc.oneof(fc.constant(DOMAIN.length), fc.integer()),
          value: fc.oneof(fc.constant(DOMAIN), text),
        }),
        payload: text,
        signature: text,
      }),
    });
    await fc.assert(
      fc.asyncProperty(proofs, async (proof) => {
        expect(await outcomeOf(proof)).not.toBe("signed in");
      }),
      { numRuns: 300 },
    );
  });
});

function on(proof: WalletProof, changed: Partial<WalletProof["proof"]>): WalletProof {
  return { ...proof, proof: { ...proof.proof, ...changed } };
}
