/** Coins and machines for the screenshots: a bound wallet with a balance and a withdrawal, and what some scenes alone show. */
import { randomUUID } from "node:crypto";
import { toNano } from "@ton/core";
import { requestPayout } from "@starai/server/payouts/request-payout";
import { epochLeaves, slashProposals, wallets } from "@starai/server/db/schema";
import { fund } from "@starai/server/testing/money";
import type { StagedStack } from "@starai/sandbox/staged-stack";
import { contributor } from "../../sandbox/tests/contributor-rows.ts";
import { newAccount } from "../../sandbox/tests/dev-wallet.ts";

const DAY_MS = 86_400_000;
const SECOND = `0:${"7".repeat(64)}`;

export interface Holder {
  /** In the database. */
  readonly person: string;
  /** Their account of the dev wallet, raw. */
  readonly account: string;
}

/** Connected half a day ago; one withdrawal waits for the rest of the first day. */
export async function addCoins(stack: StagedStack, telegramId: number): Promise<Holder> {
  const { ctx } = stack;
  const { rows } = await ctx.pg.query<{ id: string }>("select id from people where telegram_id = $1", [telegramId]);
  const person = rows[0]!.id;
  const account = await newAccount(stack);
  const now = ctx.clock();
  const bound = { boundAt: new Date(now - DAY_MS / 2), payoutsFrom: new Date(now + DAY_MS / 2) };
  await ctx.db.insert(wallets).values({ person, address: account, ...bound });
  await fund(ctx, person, { coin: toNano("3.7") });
  await requestPayout(ctx, { person, id: randomUUID(), amount: toNano("0.5") });
  return { person, account };
}

/** The wallet was changed an hour ago, and the one of before can come back. */
export async function changeWallet({ ctx }: StagedStack, { person, account }: Holder): Promise<void> {
  const now = ctx.clock();
  const { rows } = await ctx.pg.query<{ id: string }>(
    "update wallets set state = 'replaced' where address = $1 returning id",
    [account],
  );
  const times = { boundAt: new Date(now - DAY_MS / 24), payoutsFrom: new Date(now + 3 * DAY_MS) };
  await ctx.db.insert(wallets).values({ person, address: SECOND, replaces: rows[0]!.id, ...times });
}

export async function changeBack({ ctx }: StagedStack, { account }: Holder): Promise<void> {
  await ctx.pg.query("delete from wallets where address = $1", [SECOND]);
  await ctx.pg.query("update wallets set state = 'bound' where address = $1", [account]);
}

/** Gives this person machines, pay and a stake, in another wallet of theirs; whoever had them before has none. */
export async function lendMachines(stack: StagedStack, telegramId: number, { person }: Holder): Promise<void> {
  const { db, pg } = stack.ctx;
  await db.delete(slashProposals);
  await db.delete(epochLeaves);
  await pg.query("delete from wallets where person = $1", [person]);
  await contributor(stack, telegramId);
}

/** Back to the wallet that coins were paid in with. */
export async function takeMachines({ ctx }: StagedStack, { person, account }: Holder): Promise<void> {
  await ctx.pg.query("delete from wallets where person = $1", [person]);
  const times = { boundAt: new Date(ctx.clock() - DAY_MS / 2), payoutsFrom: new Date(ctx.clock() + DAY_MS / 2) };
  await ctx.db.insert(wallets).values({ person, address: account, ...times });
}
