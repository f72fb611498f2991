/** For tests: a house that pays out on an embedded chain, people with coins and bound wallets, and one step at a time. */
import { randomUUID } from "node:crypto";
import { beginCell, Cell } from "@ton/core";
import type { Address } from "@ton/core";
import type { TonClient } from "@ton/ton";
import { expect } from "vitest";
import { vaultBody } from "@starai/contracts/Vault";
import type { ChainContext } from "@starai/server/chain/context";
import type { Chain } from "@starai/server/chain/chain";
import { createContext } from "@starai/server/create-context";
import { connect } from "@starai/server/db/open-database";
import type { OpenDatabase } from "@starai/server/db/open-database";
import { people, payouts, wallets } from "@starai/server/db/schema";
import { openAccount } from "@starai/server/ledger/open-account";
import { expectedPayout } from "@starai/server/payouts/hot/expected-payout";
import { payOut } from "@starai/server/payouts/hot/pay-out";
import { requestPayout } from "@starai/server/payouts/request-payout";
import { expectBooksRight } from "@starai/server/testing/books";
import { DONE, moveOf } from "@starai/server/testing/ledger";
import { openChainHouse } from "./chain-house.ts";

const COIN = 10n ** 9n;
let telegramIds = 5_000;

export type PayoutHouse = Awaited<ReturnType<typeof openPayoutHouse>>;

/** @param database  is closed with the house; one of the tests' otherwise */
export async function openPayoutHouse(database?: OpenDatabase) {
  const house = await openChainHouse(database === undefined ? {} : { database });
  const { ctx, chain, embedded, look } = house;
  const step = (more: Partial<{ chain: Chain; halted: boolean }> = {}) =>
    payOut(ctx, more.chain ?? chain, { halted: more.halted ?? false });
  const payout = async (id: string) => (await ctx.db.select().from(payouts)).find((row) => row.id === id)!;
  const settled = async () => {
    await embedded.settled();
    await look();
  };
  return {
    ...house,
    step,
    settled,
    /** Steps and looks until nothing is left to do: a message that is sent again is only heard of by the next look. */
    payAll: async () => {
      await settled();
      for (let [steps, idle] = [0, 0]; steps < 16 && idle < 2; steps++) {
        idle = (await step()) === "done" ? 0 : idle + 1;
        await settled();
      }
    },
    /** Somebody with this many nano coins in their balance, whose wallet is bound. */
    person: (wallet: Address, nano: bigint) => personWith(ctx, wallet, nano),
    /** Returns the withdrawal's id. */
    ask: async (person: string, amount: bigint) => {
      const id = randomUUID();
      await requestPayout(ctx, { person, id, amount });
      return id;
    },
    /** When this one can be expected. */
    expected: async (id: string) => expectedPayout(ctx, await payout(id)),
    clientThat: (lies: Lies) => clientThat(chain, lies),
    /** The hot wallet has about so much from now on. */
    keepHot: async (nano: bigint) => {
      const { operator, treasury } = house.roles;
      await house.faucet.give(operator.wallet.address, nano + COIN);
      const value = (await chain.client.getBalance(operator.wallet.address)) - nano;
      await house.pay(operator, { to: treasury.wallet.address, value });
      await look();
    },
    fillHot: async (nano: bigint) => {
      await house.faucet.give(house.roles.operator.wallet.address, nano);
      await look();
    },
    fillVault: async (value: bigint) => {
      await house.pay(await house.rich("giver"), { to: chain.deposits, value });
      await look();
    },
    /** By hand. */
    draw: async (amount: bigint) => {
      const message = { value: COIN / 10n, body: vaultBody.payHot({ amount }), bounce: true };
      await house.pay(house.roles.operator, { to: chain.deposits, ...message });
      await look();
    },
    /** Another process on the same database. */
    sameBooks: async () => {
      const opened = connect(house.database.connection, ctx.log, async () => undefined);
      const other = createContext({ config: ctx.config, log: ctx.log, ...opened });
      return {
        step: () => payOut(other, chain, { halted: false }),
        [Symbol.asyncDispose]: async () => {
          await other.ledger[Symbol.asyncDispose]();
          await opened.close();
        },
      };
    },
    payout,
    /** Every account's mirror is what the chain says, nothing is astray between them, and the ledger adds up. */
    expectRight: async () => {
      for (const [role, booked, onChain] of await house.mirrors()) expect([role, booked]).toEqual([role, onChain]);
      expect((await house.balances())["chain_transit house"]).toBeUndefined();
      await expectBooksRight(ctx.pg, { isSolvent: false });
    },
  };
}

interface Lies {
  readonly sendFile?: TonClient["sendFile"];
  /** Of the hot wallet. */
  readonly balance?: bigint;
  readonly aheadS?: number;
  /** Of the hot wallet, which is active. */
  readonly seqnoAhead?: number;
}

/** An endpoint that shows the hot wallet in another state than it is, or does not send. */
function clientThat({ client }: Chain, { sendFile, balance, aheadS = 0, seqnoAhead = 0 }: Lies): TonClient {
  const lying = Object.create(client) as TonClient;
  if (sendFile) lying.sendFile = sendFile;
  lying.getContractState = async (address) => {
    const state = await client.getContractState(address);
    const data = seqnoAhead === 0 ? state.data : withSeqno(state.data!, seqnoAhead);
    return { ...state, data, balance: balance ?? state.balance, timestampt: state.timestampt + aheadS };
  };
  return lying;
}

/** A W5's data begins with a bit and the number. */
function withSeqno(data: Buffer, ahead: number): Buffer {
  const slice = Cell.fromBoc(data)[0]!.beginParse();
  const isSigned = slice.loadBit();
  const seqno = slice.loadUint(32) + ahead;
  return beginCell().storeBit(isSigned).storeUint(seqno, 32).storeSlice(slice).endCell().toBoc();
}

async function personWith(ctx: ChainContext, wallet: Address, nano: bigint): Promise<string> {
  const id = randomUUID();
  await ctx.db.insert(people).values({ id, telegramId: ++telegramIds, name: "Ann" });
  const longAgo = new Date(ctx.clock() - 1_000_000_000);
  const bound = { id: randomUUID(), person: id, address: wallet.toRawString(), boundAt: longAgo, payoutsFrom: longAgo };
  await ctx.db.insert(wallets).values(bound);
  const from = await openAccount(ctx.pg, { asset: "coin", kind: "own", owner: "deposits" });
  const to = await openAccount(ctx.pg, { asset: "coin", kind: "person", owner: `person:${id}` });
  expect(await ctx.ledger.do(moveOf({ from, to, amount: nano }))).toEqual(DONE);
  return id;
}
