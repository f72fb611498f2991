/** Somebody whose machine earned, as answers and their pairing leave it, and who pays for it on the embedded chain. */
import { randomBytes } from "node:crypto";
import type { Address } from "@ton/core";
import { expect } from "vitest";
import { vaultBody } from "@starai/contracts/Vault";
import { creditTotals, people, wallets, workerBindings } from "@starai/server/db/schema";
import { depositNumberOf } from "@starai/server/deposits/deposit-number";
import { openAccount } from "@starai/server/ledger/open-account";
import { noteByHand } from "@starai/server/testing/credit-notes";
import { DONE, moveOf } from "@starai/server/testing/ledger";
import type { ChainHouse } from "../src/testing/chain-house.ts";

export interface Earner {
  readonly person: string;
  readonly worker: string;
  readonly address: Address;
}

export function epochEarners(house: () => ChainHouse) {
  let telegramIds = 900;
  let payer = "";
  const newPerson = async (): Promise<string> => {
    const person = { telegramId: ++telegramIds, name: "Ann" };
    const [row] = await house().ctx.db.insert(people).values(person).returning({ id: people.id });
    return row!.id;
  };
  return {
    /** Whoever pays for all answers puts these coins in. Returns their id. */
    payIn: async (value: bigint): Promise<string> => {
      payer = await newPerson();
      const { number: userId } = await depositNumberOf(house().ctx.db, payer);
      const body = vaultBody.deposit({ userId });
      await house().pay(await house().rich("payer", 2n * value), { to: house().chain.deposits, value, body });
      await house().look();
      return payer;
    },
    /** Has a machine and this wallet. It earned long ago: its pay does not wait. */
    earnerOf: async (address: Address): Promise<Earner> => {
      const { db } = house().ctx;
      const person = await newPerson();
      await db.insert(wallets).values({ person, address: address.toRawString(), payoutsFrom: new Date(0) });
      const worker = randomBytes(32).toString("hex");
      await db.insert(workerBindings).values({ worker, person });
      await db.insert(creditTotals).values({ worker, asset: "coin", firstEpoch: -1 });
      return { person, worker, address };
    },
    /** As an answer pays. */
    earn: async ({ worker }: Earner, amount: bigint): Promise<void> => {
      const { ctx } = house();
      const from = await openAccount(ctx.pg, { asset: "coin", kind: "person", owner: `person:${payer}` });
      const to = await openAccount(ctx.pg, { asset: "coin", kind: "earner", owner: `worker:${worker}` });
      const move = moveOf({ from, to, amount, kind: "earned" });
      expect(await ctx.ledger.do(move)).toEqual(DONE);
      await noteByHand(ctx.pg, [move.key]);
    },
  };
}
