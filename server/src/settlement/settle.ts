/**
 * The day's settlement: moves coins to where the books need them, by messages of the hot wallet. What is asked for and
 * its message are stored together or not at all, once for a day and part; what the chain says of it is noted by
 * chain/read-settlement.ts.
 */
import { randomUUID } from "node:crypto";
import type { Address, Cell } from "@ton/core";
import type { TonClient } from "@ton/ton";
import { and, eq, gte, inArray } from "drizzle-orm";
import { Vault, vaultBody } from "@starai/contracts/Vault";
import { dayOf } from "../billing/bill.ts";
import { moneyTransaction } from "../billing/money-transaction.ts";
import type { MoneyTransaction } from "../billing/money-transaction.ts";
import type { ChainContext } from "../chain/context.ts";
import { unlessStopped } from "../chain/repeat.ts";
import type { Executor } from "../db/executor.ts";
import { outgoing, settlements } from "../db/schema.ts";
import { lockHotWallet } from "../payouts/hot/lock-hot-wallet.ts";
import { queryIdOf } from "../payouts/hot/message-name.ts";
import { LEFT_OUT_MAX } from "../payouts/hot/waiting-messages.ts";
import { planSettlement } from "./plan-settlement.ts";
import type { Planned } from "./plan-settlement.ts";
import { settlementBooks } from "./settlement-books.ts";

export interface Vaults {
  readonly client: TonClient;
  readonly deposits: Address;
  readonly till: Address;
}

/** Attached to orders to a vault, nano units: what they do not need for gas goes where the money goes. The house's. */
const ATTACHED = 50_000_000n;

/**
 * Returns what was asked for now: nothing where it was asked for today, or where nothing is to be moved.
 * @throws when the endpoint or the database does not answer; then nothing is stored
 */
export async function settle(
  { pg, clock }: Pick<ChainContext, "pg" | "clock">,
  vaults: Vaults,
  signal: AbortSignal,
): Promise<Planned[]> {
  const { client, deposits, till } = vaults;
  const { poolLeft } = await unlessStopped(signal, client.open(new Vault(deposits)).getState());
  const { left: tillLeft, poolLeft: tillPoolLeft } = await unlessStopped(
    signal,
    client.open(new Vault(till)).getState(),
  );
  const day = dayOf(clock());
  return moneyTransaction(pg, async (open) => {
    await lockHotWallet(open.tx);
    await giveUp(open.tx, new Date(clock()));
    const asked: Planned[] = [];
    for (const planned of planSettlement(await settlementBooks(open.client), { poolLeft, tillPoolLeft, tillLeft }))
      if (await ask(open, { ...planned, day, vaults })) asked.push(planned);
    return asked;
  });
}

/** What the hot wallet left out again and again is not sent any more, and may be asked for anew. */
async function giveUp(tx: Executor, now: Date): Promise<void> {
  const left = await tx
    .update(outgoing)
    .set({ state: "void" })
    .where(
      and(
        inArray(outgoing.kind, ["pay_pool", "till_pool", "draw_till", "give_back"]),
        eq(outgoing.state, "queued"),
        gte(outgoing.leftOut, LEFT_OUT_MAX),
      ),
    )
    .returning({ id: outgoing.id });
  const ids = left.map(({ id }) => id);
  if (ids.length > 0)
    await tx
      .update(settlements)
      .set({ state: "failed", endedAt: now })
      .where(and(inArray(settlements.outgoing, ids), eq(settlements.state, "asked")));
}

interface Asked extends Planned {
  readonly day: string;
  readonly vaults: Vaults;
}

async function ask({ tx }: MoneyTransaction, { day, part, amount, vaults }: Asked): Promise<boolean> {
  const id = randomUUID();
  const queryId = queryIdOf(id);
  const stored = await tx
    .insert(settlements)
    .values({ day, part, amount, outgoing: id, queryId })
    .onConflictDoNothing({ target: [settlements.day, settlements.part] })
    .returning({ part: settlements.part });
  if (stored.length === 0) return false;
  const { to, value, body } = messageOf({ part, amount }, queryId, vaults);
  const message = { destination: to.toRawString(), value, bounce: true, body: body.toBoc(), state: "queued" } as const;
  await tx.insert(outgoing).values({ id, kind: part, ...message });
  return true;
}

function messageOf(
  { part, amount }: Planned,
  queryId: bigint,
  { deposits, till }: Vaults,
): { to: Address; value: bigint; body: Cell } {
  switch (part) {
    case "pay_pool":
      return { to: deposits, value: ATTACHED, body: vaultBody.payPool({ queryId, amount }) };
    case "till_pool":
      return { to: till, value: ATTACHED, body: vaultBody.payPool({ queryId, amount }) };
    case "draw_till":
      return { to: till, value: ATTACHED, body: vaultBody.payHot({ queryId, amount }) };
    case "give_back":
      // Nobody's number: what comes from our own wallet is nobody's deposit.
      return { to: deposits, value: amount, body: vaultBody.deposit({ queryId, userId: 0n }) };
  }
}
