/**
 * Pays what is queued: one signed batch at a time, stored before it is sent, and sent again until the books have its
 * transaction or it can never run. What the hot wallet has not got is asked of the deposits vault.
 */
import { Address } from "@ton/core";
import type { TonClient } from "@ton/ton";
import { eq } from "drizzle-orm";
import type { Chain } from "../../chain/chain.ts";
import type { ChainContext } from "../../chain/context.ts";
import { unlessStopped } from "../../chain/repeat.ts";
import { outgoingBatches } from "../../db/schema.ts";
import { askVault } from "./ask-vault.ts";
import { hotWalletOf, readHotState } from "./hot-wallet.ts";
import type { HotState, HotWallet } from "./hot-wallet.ts";
import { fateOf } from "./fate-of-batch.ts";
import { affordable } from "./plan-batch.ts";
import { bookedLtOf, isGivenUp } from "./give-up-batch.ts";
import { signBatch } from "./sign-batch.ts";
import type { Planned } from "./sign-batch.ts";
import { queueReadyPayouts, readWaiting, sumOfQueued } from "./waiting-messages.ts";
import type { WaitingMessage } from "./waiting-messages.ts";

/** Further apart, ours or the endpoint's clock is wrong, and "valid until" would mean nothing. */
const CLOCKS_APART_MAX_S = 60;

/** The endpoint's time and ours differ too much to sign anything. */
class ClocksApart extends Error {
  constructor(seconds: number) {
    super(
      `The TON endpoint's time and this machine's are ${seconds} s apart: nothing is paid out. Set this machine's clock (NTP), or choose an endpoint that does not lag.`,
    );
  }
}

/** What is needed of the context. */
type PayingContext = Pick<ChainContext, "clock" | "db" | "log" | "pg" | "ton">;

/** `done`: another step may follow at once; `poor`: the hot wallet cannot even pay for asking the vault. */
export type Step = "done" | "idle" | "poor";

const NEVER = new AbortController().signal;

/**
 * One step. While `halted`, nothing is signed or sent but what brings money in; what was sent already still gets its outcome. No endpoint's answer
 * is waited for once `signal` is raised.
 * @throws when an endpoint or the database does not answer: then nothing happened that the next step does not know
 */
export async function payOut(
  ctx: PayingContext,
  chain: Chain,
  { halted, signal = NEVER }: { halted: boolean; signal?: AbortSignal },
): Promise<Step> {
  const hot = hotWalletOf(chain);
  if (hot === null) return "idle";
  await queueReadyPayouts(ctx.db, new Date(ctx.clock()));
  const [open] = await ctx.db.select().from(outgoingBatches).where(eq(outgoingBatches.state, "signed"));
  if (open !== undefined) return followUp(ctx, chain, { hot, batch: open, halted, signal });
  ctx.ton.shortage = null;
  const all = await readWaiting(ctx.db, chain.nowS() * 1_000);
  // Redemptions have a deadline: after it an escrow's owner takes home what answers have cost.
  const waiting = halted ? all.filter(({ kind }) => kind === "redeem") : all;
  if (waiting.length === 0) return "idle";
  const seen = await unlessStopped(signal, readHotState(chain.client, hot.address));
  assertClocksAgree(seen, chain);
  const messages = affordable(waiting, seen.balance);
  const lacking = waiting[messages.length];
  const mayAsk = !halted && lacking !== undefined && lacking.kind !== "give_back";
  const asked = mayAsk && (await askForMore(ctx, chain, { seen, waiting, messages, signal }));
  if (messages.length === 0) return asked ? "done" : waiting[0]!.kind === "pay_hot" ? "poor" : "idle";
  const boc = await signBatch(ctx, { hot, seen, planned: await withBounce(chain, messages, signal) });
  if (boc === null) return "idle";
  await unlessStopped(signal, send(ctx, chain, boc));
  return "done";
}

interface Open {
  readonly hot: HotWallet;
  readonly batch: typeof outgoingBatches.$inferSelect;
  readonly halted: boolean;
  readonly signal: AbortSignal;
}

async function followUp(ctx: PayingContext, chain: Chain, { hot, batch, halted, signal }: Open): Promise<Step> {
  const { id, boc } = batch;
  const show = (client: TonClient) => unlessStopped(signal, readHotState(client, hot.address));
  const seen = await show(chain.client);
  const nowS = chain.nowS();
  const fate = fateOf(batch, seen, { bookedLt: await bookedLtOf(ctx.db), nowS });
  if (fate === "send" && !halted) await unlessStopped(signal, send(ctx, chain, boc));
  if (fate === "send" || fate === "wait") return "idle";
  // Only here must both endpoints answer: sending again harms nobody.
  const others = chain.second === null ? [] : [await show(chain.second)];
  if (!(await isGivenUp(ctx, { batch: id, seen: [seen, ...others], nowS }))) return "idle";
  ctx.log.warn(
    { batch: id, fate },
    "a batch of payouts will never run: its payouts are queued again, and nothing was paid",
  );
  return "done";
}

/** A refusal says nothing: the endpoint refuses a message that ran already, too. What became of it is read from the chain. */
async function send({ log }: PayingContext, chain: Chain, boc: Buffer): Promise<void> {
  await chain.client
    .sendFile(boc)
    .catch((error: unknown) => log.debug({ err: error }, "the endpoint did not take a batch of payouts"));
}

async function askForMore(
  ctx: PayingContext,
  chain: Chain,
  {
    seen,
    waiting,
    messages,
    signal,
  }: {
    seen: HotState;
    waiting: readonly WaitingMessage[];
    messages: readonly WaitingMessage[];
    signal: AbortSignal;
  },
): Promise<boolean> {
  const sent = messages.reduce((sum, { value }) => sum + value, 0n);
  const paid = messages.reduce((sum, { payout, value }) => sum + (payout === null ? 0n : value), 0n);
  const first = waiting[messages.length]!;
  const total = (await sumOfQueued(ctx.db)) - paid;
  const need = { balance: seen.balance - sent, first: first.value, total };
  const amount = await askVault(ctx, chain, need, signal);
  if (amount !== null) ctx.log.info({ amount: String(amount) }, "the hot wallet asks the deposits vault for coins");
  return amount !== null;
}

async function withBounce(
  { client }: Chain,
  messages: readonly WaitingMessage[],
  signal: AbortSignal,
): Promise<Planned[]> {
  const active = new Map<string, boolean>();
  for (const { destination } of messages)
    if (!active.has(destination))
      active.set(destination, await unlessStopped(signal, client.isContractDeployed(Address.parseRaw(destination))));
  return messages.map((message) => ({ ...message, bounce: active.get(message.destination) === true }));
}

function assertClocksAgree({ atS }: HotState, { nowS }: Chain): void {
  const apart = Math.abs(atS - nowS());
  if (apart > CLOCKS_APART_MAX_S) throw new ClocksApart(apart);
}
