/** Has the deposits vault send the hot wallet what queued payouts need, within the vault's allowance of a day. */
import { randomUUID } from "node:crypto";
import { and, eq, gt, inArray, lt, notExists, or, sql } from "drizzle-orm";
import { Vault, vaultBody } from "@starai/contracts/Vault";
import { moneyTransaction } from "../../billing/money-transaction.ts";
import type { Chain } from "../../chain/chain.ts";
import type { ChainContext } from "../../chain/context.ts";
import { unlessStopped } from "../../chain/repeat.ts";
import { chainTransactions, outgoing } from "../../db/schema.ts";
import type { Executor } from "../../db/executor.ts";
import { lockHotWallet } from "./lock-hot-wallet.ts";
import { queryIdOf } from "./message-name.ts";
import { drawOf } from "./plan-draw.ts";
import type { VaultFacts } from "./plan-draw.ts";
import { LEFT_OUT_MAX } from "./waiting-messages.ts";

/** Pays for the vault's work; what is left of it comes back with the money. */
const CARRIED = 20_000_000n;
/** An answer takes two blocks; one that has not come by then never will. */
const ANSWER_MS_MAX = 10 * 60_000;

/** @throws when the endpoint does not answer, or the account is no vault of ours */
async function readVault({ client, deposits }: Chain): Promise<VaultFacts> {
  const { left, dailyLimit } = await client.open(new Vault(deposits)).getState();
  return { left, dailyLimit, balance: await client.getBalance(deposits) };
}

/** Queues one request where one is needed and none is under way. Returns what was asked for, nano units. */
export async function askVault(
  ctx: Pick<ChainContext, "pg" | "clock" | "ton">,
  chain: Chain,
  need: { balance: bigint; first: bigint; total: bigint },
  signal: AbortSignal,
): Promise<bigint | null> {
  const vault = await unlessStopped(signal, readVault(chain));
  ctx.ton.shortage = { hotBalance: need.balance, left: vault.left, dailyLimit: vault.dailyLimit };
  const amount = drawOf(need, vault);
  if (amount === null) return null;
  return moneyTransaction(ctx.pg, async ({ tx }) => {
    await lockHotWallet(tx);
    if (await isUnderWay(tx, new Date(ctx.clock() - ANSWER_MS_MAX))) return null;
    const id = randomUUID();
    await tx.insert(outgoing).values({
      id,
      kind: "pay_hot",
      destination: chain.deposits.toRawString(),
      value: CARRIED,
      bounce: true,
      body: vaultBody.payHot({ queryId: queryIdOf(id), amount }).toBoc(),
      state: "queued",
    });
    return amount;
  });
}

async function isUnderWay(tx: Executor, since: Date): Promise<boolean> {
  const answers = tx
    .select({ one: sql`1` })
    .from(chainTransactions)
    .where(and(eq(chainTransactions.kind, "drawn"), eq(chainTransactions.ref, outgoing.id)));
  const open = or(
    and(inArray(outgoing.state, ["queued", "signed"]), lt(outgoing.leftOut, LEFT_OUT_MAX)),
    and(eq(outgoing.state, "sent"), gt(outgoing.sentAt, since), notExists(answers)),
  );
  const rows = await tx
    .select({ id: outgoing.id })
    .from(outgoing)
    .where(and(eq(outgoing.kind, "pay_hot"), open))
    .limit(1);
  return rows.length > 0;
}
