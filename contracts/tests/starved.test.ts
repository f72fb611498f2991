import type { Cell } from "@ton/core";
import { describe, expect, test } from "vitest";
import { escrowBody } from "../wrappers/Escrow.ts";
import { EscrowError, EscrowTerms } from "../wrappers/escrow-codes.ts";
import { vaultBody } from "../wrappers/Vault.ts";
import type { VaultProposal } from "../wrappers/Vault.ts";
import { VaultError, VaultTerms } from "../wrappers/vault-codes.ts";
import { coins, fundsWorld } from "./test-funds.ts";
import type { Party } from "./test-funds.ts";

type World = Awaited<ReturnType<typeof fundsWorld>>;

interface Case {
  name: string;
  at: "escrow" | "vault";
  from: Party;
  body: (world: World) => Cell;
  arrange?: (world: World) => Promise<unknown>;
}

const ripe = async ({ chain, toEscrow }: World) => {
  await toEscrow("owner", escrowBody.requestClose());
  chain.advance(EscrowTerms.CLOSE_DELAY);
};
const proposed =
  (what: VaultProposal) =>
  async ({ chain, toVault }: World) => {
    await toVault("guardian", vaultBody.propose({ what }));
    chain.advance(VaultTerms.PROPOSAL_DELAY);
  };
const swept = proposed({ kind: "sweep", amount: coins(9) });
const limited = proposed({ kind: "setLimits", dailyLimit: coins(9), poolLimit: coins(9) });
const rescued = async (world: World) => {
  const wallet = await world.chain.treasury("the vault's jetton wallet");
  await proposed({ kind: "sweepJetton", wallet: wallet.address, amount: 2n ** 120n - 1n })(world);
};
const keysAdded = async ({ toEscrow }: World) => {
  for (const byte of [61, 62, 63]) await toEscrow("owner", escrowBody.addKey({ sessionKey: Buffer.alloc(32, byte) }));
};

const cases: Case[] = [
  { name: "Redeem", at: "escrow", from: "stranger", body: ({ redeem }) => redeem(coins(2)) },
  {
    name: "Redeem with four keys",
    at: "escrow",
    from: "stranger",
    body: ({ redeem }) => redeem(coins(2)),
    arrange: keysAdded,
  },
  { name: "CloseTogether", at: "escrow", from: "owner", body: ({ closeTogether }) => closeTogether(coins(2)) },
  { name: "RequestClose", at: "escrow", from: "owner", body: () => escrowBody.requestClose() },
  { name: "Withdraw", at: "escrow", from: "owner", body: () => escrowBody.withdraw(), arrange: ripe },
  { name: "PayHot", at: "vault", from: "hot", body: () => vaultBody.payHot({ amount: coins(2) }) },
  { name: "PayPool", at: "vault", from: "hot", body: () => vaultBody.payPool({ amount: coins(2) }) },
  { name: "Execute a sweep", at: "vault", from: "stranger", body: () => vaultBody.execute(), arrange: swept },
  { name: "Execute limits", at: "vault", from: "stranger", body: () => vaultBody.execute(), arrange: limited },
  {
    name: "Execute a jettons' sweep",
    at: "vault",
    from: "treasury",
    body: () => vaultBody.execute(),
    arrange: rescued,
  },
];

/** Values tried over the whole range with LONG_TESTS, besides a binary search for the least that is enough. */
const SWEEP = process.env.LONG_TESTS ? 200 : 0;

describe.each(["june-2026", "before-april-2026"] as const)(
  "a message that pays too little, at the prices of %s",
  (prices) => {
    const most = prices === "june-2026" ? coins(0.004) : coins(0.024);

    test.each(cases)("$name does all or nothing at every value", async (tried) => {
      let [tooLittle, enough] = [0n, most];
      expect(await attempt(tried, prices, enough), "even the largest value was refused").toBe(true);
      while (enough - tooLittle > most / 4096n) {
        const middle = (tooLittle + enough) / 2n;
        if (await attempt(tried, prices, middle)) enough = middle;
        else tooLittle = middle;
      }
      const values = Array.from({ length: SWEEP }, (_, step) => (most * BigInt(step)) / BigInt(SWEEP));
      for (const value of values.filter((value) => value <= tooLittle || value >= enough))
        expect(await attempt(tried, prices, value), `with ${value} nano`).toBe(value >= enough);
    });
  },
);

/** Sends one message with this value. False if it was refused, after asserting that nothing changed but fees. */
async function attempt(tried: Case, prices: "june-2026" | "before-april-2026", value: bigint): Promise<boolean> {
  const world = await fundsWorld({ prices });
  await tried.arrange?.(world);
  const { address } = world[tried.at];
  const before = await world.chain.storageHash(address);
  const books = await world.chain.openBooks();
  const { exitCode } = await world.send({ from: tried.from, to: address, body: tried.body(world), value });
  books.close();
  if (exitCode === 0) return true;
  // Refused by the fee floor or for lack of gas, at once (null) or during execution (-14), never in the middle of its actions.
  expect([EscrowError.NOT_ENOUGH_VALUE, VaultError.NOT_ENOUGH_VALUE, null, -14]).toContain(exitCode);
  expect(await world.chain.storageHash(address)).toBe(before);
  expect((await books.change(address)) + books.rent(address)).toBeGreaterThanOrEqual(0n);
  return false;
}
