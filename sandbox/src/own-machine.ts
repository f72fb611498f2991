/**
 * This machine's own worker belongs to the operator, as somebody who lends it, and is staked from the faucet at the first
 * start: paid answers have a machine then. What the operator takes back later is not staked again.
 */
import { internal, SendMode, toNano } from "@ton/core";
import { eq } from "drizzle-orm";
import { ContributorAccount, stakeBody } from "@starai/contracts/ContributorAccount";
import type { Chain } from "@starai/server/chain/chain";
import type { AppContext } from "@starai/server/context";
import { adoptWorker } from "@starai/server/contributors/pair-worker";
import { seeStake } from "@starai/server/contributors/see-stake";
import { wallets } from "@starai/server/db/schema";
import { upsertPerson } from "@starai/server/sessions/upsert-person";
import type { Ton } from "./ton/ton.ts";

/** Twice the least: it has a little more weight than a machine that joins it. */
const STAKE = toNano("10");
/** Attached for gas and the rent of two years; most of it comes back. */
const ATTACHED = toNano("0.2");
/** Nobody's in Telegram, whose ids are above zero. */
const OPERATORS_ID = -1;
const OPERATOR = { telegramId: OPERATORS_ID, name: "Operator", language: "en" };
const VALID_S = 60;

type House = Pick<AppContext, "db" | "clock" | "registry">;

/**
 * Continues where an earlier call was killed, and changes nothing where all is done.
 * @param worker  its key
 * @throws Refusal `conflict` where the machine is somebody else's
 */
export async function ownMachine(
  ctx: House,
  { ton, chain, worker }: { ton: Ton; chain: Chain; worker: string },
): Promise<void> {
  const { roles } = await ton.open();
  const wallet = roles.contributor.wallet.address.toRawString();
  const person = await operator(ctx);
  const bound = await ctx.db.select({ id: wallets.id }).from(wallets).where(eq(wallets.person, person));
  if (bound.length === 0)
    await ctx.db.insert(wallets).values({ person, address: wallet, payoutsFrom: new Date(ctx.clock()) });
  await adoptWorker(ctx, { worker, person });
  if ((await seeStake(ctx, chain, wallet)) !== null) return ctx.registry.owners.changed();
  await stake(ton, chain);
  await seeStake(ctx, chain, wallet);
  ctx.registry.owners.changed();
}

/** The person that this stack's machines belong to. */
export async function operator({ db }: Pick<AppContext, "db">): Promise<string> {
  return (await upsertPerson(db, OPERATOR)).id;
}

/** Resolves when it is on the chain. */
async function stake(ton: Ton, { client, distributor }: Chain): Promise<void> {
  const { roles, faucet, chain } = await ton.open();
  const { wallet, secretKey } = roles.contributor;
  const account = new ContributorAccount({ owner: wallet.address, distributor });
  const value = STAKE + ATTACHED;
  if ((await client.getBalance(wallet.address)) < value + ATTACHED) await faucet.give(wallet.address, value + ATTACHED);
  const isDeployed = await client.isContractDeployed(wallet.address);
  const message = internal({ to: account.address, value, bounce: true, init: account.init, body: stakeBody(STAKE) });
  const transfer = wallet.createTransfer({
    seqno: isDeployed ? await client.open(wallet).getSeqno() : 0,
    secretKey,
    sendMode: SendMode.PAY_GAS_SEPARATELY,
    timeout: chain.nowS() + VALID_S,
    messages: [message],
  });
  await client.open(wallet).send(transfer);
  await chain.settled();
}
