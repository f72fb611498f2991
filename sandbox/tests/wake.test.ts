/** A contract whose rent nobody paid for years is frozen: its saved state wakes it, and money alone does not. */
import path from "node:path";
import { toNano } from "@ton/core";
import { keyPairFromSeed, mnemonicNew, sha256_sync } from "@ton/crypto";
import { Escrow } from "@starai/contracts/Escrow";
import { LOCAL_NETWORK_ID } from "@starai/contracts/chain-config";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LoneChain } from "./lone-chain.ts";

const YEAR_S = 365 * 86_400;
const ANN = await mnemonicNew(24);

let chain: LoneChain;
beforeAll(async () => {
  // Under the older prices ten years are enough.
  chain = await LoneChain.start({ TON_PRICES: "before-april-2026" });
});
afterAll(() => chain[Symbol.asyncDispose]());

test(
  "an escrow frozen by its rent wakes with the state saved last, and lets its owner out",
  { timeout: 180_000 },
  async () => {
    const ann = await chain.fundedWallet(ANN, toNano(100));
    const providerKey = keyPairFromSeed(sha256_sync("a provider")).publicKey;
    const terms = { owner: ann.wallet.address, vault: chain.deployment.till, providerKey, networkId: LOCAL_NETWORK_ID };
    const { address } = Escrow.of(terms);
    const made = ["--vault", terms.vault.toString(), "--provider-key", providerKey.toString("hex")];
    const key = keyPairFromSeed(sha256_sync("a session")).publicKey.toString("hex");
    const run = async (...words: string[]) => chain.ton(ANN, words);
    await run("escrow-open", "0.001", ...made, "--session-key", key, "--daily-cap", "1");
    const [early, late] = [path.join(chain.home, "early.json"), path.join(chain.home, "late.json")];
    const escrow = ["--escrow", address.toString()];
    expect(await run("state", address.toString(), "--out", early)).toContain("Save it again after");
    await run("escrow-raise-cap", "2", ...escrow);
    await run("state", address.toString(), "--out", late);
    await expect(run("wake", late, "1")).rejects.toThrow(/is not frozen, it is active/);

    await chain.advance(10 * YEAR_S);
    await chain.advance(10 * YEAR_S);
    const stateOf = async () => (await chain.client().getContractState(address)).state;
    await chain.give(address, 1_000n); // The network looks at an account's rent when a message comes.
    await chain.until("it is frozen", async () => (await stateOf()) === "frozen");
    await expect(run("escrow", ...escrow)).rejects.toThrow(/money alone does not wake it: `wake <file>` does/);
    await chain.give(address, toNano(2));
    expect(await stateOf()).toBe("frozen");
    await expect(run("wake", early, "1")).rejects.toThrow(/holds an earlier state than the last/);
    await expect(run("state", address.toString(), "--out", late)).rejects.toThrow(/can be saved only while it lives/);
    expect(await run("wake", late, "1.1")).toContain("It is awake.");
    expect(await run("escrow", ...escrow)).toMatch(/Daily cap +2 GRAM/);
    await run("escrow-close", ...escrow);
    await chain.advance(86_400);
    expect(await run("escrow-withdraw", ...escrow)).toMatch(/2\.\d+ GRAM came home/);
  },
);
