/** For tests: people who keep their money in an escrow of their own and pay for answers by vouchers. */
import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { internal } from "@ton/core";
import type { Cell } from "@ton/core";
import { Escrow, escrowBody } from "@starai/contracts/Escrow";
import { newSessionKey } from "@starai/contracts/session-key";
import type { SessionKey } from "@starai/contracts/session-key";
import { signVoucher } from "@starai/contracts/voucher";
import type { Voucher } from "@starai/contracts/voucher";
import type { EscrowView, NewVoucher } from "@starai/protocol/escrow";
import { loadCatalogue } from "@starai/protocol/catalogue";
import { closeBillAlone } from "@starai/server/billing/close-bill";
import { openBill } from "@starai/server/billing/open-bill";
import type { BillRequest } from "@starai/server/billing/open-bill";
import { people, wallets } from "@starai/server/db/schema";
import { acceptVoucher } from "@starai/server/escrow/accept-voucher";
import { escrowOf } from "@starai/server/escrow/escrow-view";
import { lookAtEscrows } from "@starai/server/escrow/look-at-escrows";
import { payOut } from "@starai/server/payouts/hot/pay-out";
import { endJob } from "@starai/server/testing/bill-jobs";
import { expectBooksRight } from "@starai/server/testing/books";
import { storeRate } from "@starai/server/testing/rates";
import type { RoleWallet } from "../ton/roles.ts";
import { openChainHouse } from "./chain-house.ts";

const COIN = 10n ** 9n;
/** Nano units. */
export const coins = (amount: number): bigint => BigInt(Math.round(amount * 1e9));
/** Too large to be answered for nothing. */
const MODEL = loadCatalogue().get("qwen2.5-7b-instruct")!;
/** A coin is a tenth of a dollar, so that an answer takes enough of it: 2,000 nano units for a token. */
const MICRO_USD_PER_COIN = 100_000n;
const NANO_PER_TOKEN = 2_000n;
const PROMPT_TOKENS = 1_000;
const NANO_PER_PROMPT = 500_000n;

export type EscrowHouse = Awaited<ReturnType<typeof openEscrowHouse>>;
export type Keeper = Awaited<ReturnType<EscrowHouse["keeper"]>>;

export async function openEscrowHouse() {
  const house = await openChainHouse();
  const { ctx, chain, test, roles } = house;
  await storeRate(ctx.db, { microUsdPerCoin: MICRO_USD_PER_COIN });
  const never = new AbortController().signal;
  const { look: read } = house;
  const watch = () => lookAtEscrows(ctx, chain, never);
  let telegramId = 1_000;

  async function person(wallet: RoleWallet): Promise<string> {
    const [row] = await ctx.db.insert(people).values({ telegramId: ++telegramId, name: "Ann" }).returning();
    await ctx.db
      .insert(wallets)
      .values({ person: row!.id, address: wallet.wallet.address.toRawString(), payoutsFrom: new Date() });
    return row!.id;
  }

  /** Somebody whose wallet is bound; their escrow is opened with this much unless told otherwise. */
  async function keeper(name: string, { holds = coins(3), dailyCap = coins(1), opened = true } = {}) {
    const wallet = await house.rich(name);
    const id = await person(wallet);
    const view = await escrowOf(ctx, id);
    const key = await newSessionKey();
    const escrow = Escrow.of({
      owner: wallet.wallet.address,
      vault: chain.till,
      providerKey: Buffer.from(view.terms.providerKey, "hex"),
      networkId: chain.networkId,
    });
    const send = (body: Cell, value = coins(0.1)) =>
      test.sendFrom(wallet, internal({ to: escrow.address, value, body, init: escrow.init, bounce: true }));
    if (opened) await send(escrowBody.setKey({ sessionKey: key.publicKey, dailyCap }), holds);
    const one = {
      id,
      wallet,
      key,
      escrow: house.chain.client.open(escrow),
      address: view.address,
      send,
      view: (): Promise<EscrowView> => escrowOf(ctx, id),
      /** A voucher of this escrow's first round by its first key, unless told otherwise. */
      voucher: async (
        cumulative: bigint,
        changed: Partial<Voucher> & { signer?: SessionKey } = {},
      ): Promise<NewVoucher> => {
        const { signer = key, ...over } = changed;
        const signed = { networkId: chain.networkId, escrow: view.address, round: 0, cumulative, ...over };
        const signature = Buffer.from(await signVoucher(signed, signer.privateKey)).toString("hex");
        return { round: signed.round, cumulative: String(cumulative), signature };
      },
      sign: async (cumulative: bigint, changed: Partial<Voucher> & { signer?: SessionKey } = {}) =>
        acceptVoucher(ctx, id, await one.voucher(cumulative, changed)),
      ask: (over: Partial<BillRequest> = {}) => openBill(ctx, requestOf(id, over)),
      /** An answer that costs this much, opened and ended. Returns its bill. */
      answer: async (amount: bigint) => {
        const tokens = tokensFor(amount);
        const bill = await one.ask({ steps: [{ promptTokens: PROMPT_TOKENS, answerTokensMax: tokens }] });
        await endJob(ctx, bill.id, { delivered: [["w1", tokens]] });
        await closeBillAlone(ctx, { bill: bill.id, end: "answered" });
        return bill;
      },
    };
    return one;
  }

  return {
    ...house,
    read,
    watch,
    person,
    keeper,
    /** The hot wallet sends what it was told to; the books read what came of it. */
    payOut: async () => {
      await payOut(ctx, chain, { halted: false });
      await test.opened.chain.settled();
      await read();
    },
    advance: (seconds: number) => test.post("/time", { advanceS: seconds }),
    fillHotWallet: () => house.faucet.give(roles.operator.wallet.address, 20n * COIN),
    /** The law of the books, and the mirrors of what the chain shows. */
    expectRight: async () => {
      await read();
      await expectBooksRight(ctx.pg);
      for (const [role, booked, onChain] of await house.mirrors()) expect([role, booked]).toEqual([role, onChain]);
    },
  };
}

function requestOf(person: string, over: Partial<BillRequest>): BillRequest {
  const steps = [{ promptTokens: PROMPT_TOKENS, answerTokensMax: 1_000 }];
  const free = { kind: "answer", apiKey: null, inGroup: false, askPercent: 100 } as const;
  return { id: randomUUID(), person, model: MODEL, steps, ...free, ...over };
}

/** Tokens of an answer that costs this much with its prompt. */
function tokensFor(amount: bigint): number {
  return Number((amount - NANO_PER_PROMPT) / NANO_PER_TOKEN);
}
