/** Withdrawals that were signed and get no outcome by themselves: what an operator sees and decides of them. */
import { Address } from "@ton/core";
import type { TonClient } from "@ton/ton";
import { and, asc, eq } from "drizzle-orm";
import { exactAmount } from "@starai/protocol/amounts";
import { NETWORK_ID } from "../chain/open-chain.ts";
import { chainCursors, chainHome, chainTransactions, outgoing, outgoingBatches, payouts } from "../db/schema.ts";
import { isUuid } from "../ledger/rules/operation.ts";
import { readHotState } from "../payouts/hot/hot-wallet.ts";
import type { HotState } from "../payouts/hot/hot-wallet.ts";
import { canHavePaid, lockStuck, settlePaid, settleReturned } from "../payouts/hot/settle-stuck.ts";
import type { SeenTransaction } from "../payouts/hot/settle-stuck.ts";
import { act, readActWords } from "./act.ts";
import { named } from "./amounts.ts";
import type { OperatorCommand, OperatorContext, Say } from "./command.ts";
import { needMoney } from "./need-money.ts";
import { minute } from "./shown.ts";

/** A few screens. */
const LISTED_MAX = 100;
const HASH = /^[0-9a-f]{64}$/;

export const payoutCommands = needMoney({
  "payout paid": {
    args: "PAYOUT TRANSACTION WHY",
    summary: "ends one that is sent and without outcome as paid by the hot wallet's transaction of this hash",
    run: paid,
  },
  "payout return": {
    args: "PAYOUT WHY",
    summary: "gives one back to the balance that is sent, was not paid, and never will be",
    run: giveBack,
  },
  payouts: { args: "", summary: "withdrawals that are sent and have no outcome yet", run: list },
} satisfies Record<string, OperatorCommand>);

async function list({ db }: OperatorContext, words: readonly string[], say: Say): Promise<void> {
  if (words.length > 0) throw new Error("`payouts` takes no arguments: npm run operator -- payouts");
  const sent = await db
    .select({ payout: payouts, batch: outgoingBatches.state, signedAt: outgoingBatches.signedAt })
    .from(payouts)
    .leftJoin(outgoing, and(eq(outgoing.kind, "payout"), eq(outgoing.ref, payouts.id)))
    .leftJoin(outgoingBatches, eq(outgoingBatches.id, outgoing.batch))
    .where(eq(payouts.state, "sent"))
    .orderBy(asc(payouts.readyAt), asc(payouts.id))
    .limit(LISTED_MAX);
  if (sent.length === 0) return say("No withdrawal is sent and without outcome.");
  for (const { payout, batch, signedAt } of sent) {
    const { id, amount, person, wallet } = payout;
    const when = signedAt === null ? "" : ` ${minute(signedAt)}`;
    const what = batch === "run" ? "its batch ran WITHOUT it" : "its batch has not run";
    say(`${id}  signed${when}  ${exactAmount(amount)}  ${what}  person ${person}  to ${wallet}`);
  }
  say("One whose batch ran without it waits for you. Look at its wallet and the hot wallet in an explorer: if a");
  say(
    "transaction paid it, `payout paid PAYOUT TRANSACTION`, else `payout return PAYOUT`. The others end by themselves",
  );
  say("within ten minutes while a server has the hot wallet's key.");
}

async function paid(ctx: OperatorContext, words: readonly string[], say: Say): Promise<void> {
  const { words: asked, who, why } = readActWords(words, ctx.user);
  const [id, hash, ...more] = asked;
  if (id === undefined || !isUuid(id) || hash === undefined || !HASH.test(hash) || more.length > 0)
    throw new Error(
      "Write it as in: payout paid PAYOUT TRANSACTION --why …, the transaction by its hash of 64 hex digits. Nothing was changed.",
    );
  const hot = await hotWallet(ctx);
  const wallet = await walletOf(ctx, id);
  const by = await seenTransaction(ctx, hot, { where: eq(chainTransactions.hash, Buffer.from(hash, "hex")), wallet });
  if (by === null)
    throw new Error(
      "The hot wallet has no such transaction in the books: `npm run operator -- chain` says how far they are. Nothing was changed.",
    );
  const view = await hot.view();
  say(
    await act(ctx, { who, why, verb: "payout paid" }, async ({ client, db: tx }) => {
      const payout = await lockStuck(tx, id, view);
      if (!(await canHavePaid(tx, payout, by)))
        throw new Error(
          `This transaction sent ${sumOf(by.values)} to the withdrawal's wallet, and did not pay ${named(payout.amount, "coin")} there beside what it paid of others. Nothing was changed.`,
        );
      const readable = Address.parseRaw(wallet).toString({ bounceable: false, testOnly: hot.isTest });
      await settlePaid({ client, tx }, payout, { by, wallet: readable });
      const said = `The withdrawal of ${named(payout.amount, "coin")} is paid; the bot tells person ${payout.person}.`;
      return { params: { payout: id, transaction: hash }, said };
    }),
  );
}

async function giveBack(ctx: OperatorContext, words: readonly string[], say: Say): Promise<void> {
  const { words: asked, who, why } = readActWords(words, ctx.user);
  const [id, ...more] = asked;
  if (id === undefined || !isUuid(id) || more.length > 0)
    throw new Error("Write it as in: payout return PAYOUT --why … Nothing was changed.");
  const hot = await hotWallet(ctx);
  const wallet = await walletOf(ctx, id);
  const batch = ctx.db
    .select({ batch: outgoing.batch })
    .from(outgoing)
    .where(and(eq(outgoing.kind, "payout"), eq(outgoing.ref, id)));
  const ran = await seenTransaction(ctx, hot, { where: eq(chainTransactions.ref, batch), wallet });
  const view = await hot.view();
  say(
    await act(ctx, { who, why, verb: "payout return" }, async ({ client, db: tx }) => {
      const payout = await lockStuck(tx, id, view);
      if (ran !== null && (await canHavePaid(tx, payout, ran)))
        throw new Error(
          `Its batch ran as transaction ${ran.hash} and sent ${sumOf(ran.values)} to this very wallet, which may have paid it: \`payout paid\` ends it so. If that came back since, give the person a \`credit\` after it. Nothing was changed.`,
        );
      const amount = await settleReturned({ client, tx }, payout, new Date());
      const said = `${named(amount, "coin")} are in the balance of person ${payout.person} again; the bot tells them.`;
      return { params: { payout: id, amount: String(amount) }, said };
    }),
  );
}

const sumOf = (values: readonly bigint[]) =>
  named(
    values.reduce((sum, value) => sum + value, 0n),
    "coin",
  );

async function walletOf({ db }: OperatorContext, id: string): Promise<string> {
  const [payout] = await db.select({ wallet: payouts.wallet }).from(payouts).where(eq(payouts.id, id));
  if (payout === undefined)
    throw new Error(`There is no withdrawal ${id}: \`npm run operator -- payouts\` lists them. Nothing was changed.`);
  return payout.wallet;
}

interface Hot {
  readonly address: Address;
  readonly client: TonClient;
  readonly isTest: boolean;
  /** As each endpoint shows it now, and the chain's time by our own idea of it, UNIX seconds. */
  view(): Promise<{ seen: readonly HotState[]; nowS: number }>;
}

/** The wallet of the books, whoever has its key. @throws a sentence where there is none */
async function hotWallet({ db, tonClient, secondTonClient }: OperatorContext): Promise<Hot> {
  const [home] = await db.select().from(chainHome);
  const [cursor] = await db.select().from(chainCursors).where(eq(chainCursors.role, "hot"));
  if (home === undefined || cursor === undefined || tonClient === undefined)
    throw new Error("The books have no hot wallet: nothing was ever paid out. Nothing was changed.");
  const [client, address] = [tonClient(home.networkId), Address.parseRaw(cursor.address)];
  // A sandbox's time can be moved, and nobody else's clock follows it.
  const isSandbox = home.networkId !== NETWORK_ID.mainnet && home.networkId !== NETWORK_ID.testnet;
  const view = async () => {
    const first = await readHotState(client, address).catch(unanswered);
    const second = secondTonClient ? [await readHotState(secondTonClient, address).catch(unanswered)] : [];
    return { seen: [first, ...second], nowS: isSandbox ? first.atS : Math.floor(Date.now() / 1_000) };
  };
  return { address, client, isTest: home.networkId !== NETWORK_ID.mainnet, view };
}

/** What it sent to this wallet, by the chain, whose hash covers it. null: there is none in the books. @throws a sentence */
async function seenTransaction(
  { db }: OperatorContext,
  { address, client }: Hot,
  { where, wallet }: { where: ReturnType<typeof eq>; wallet: string },
): Promise<SeenTransaction | null> {
  const [booked] = await db
    .select()
    .from(chainTransactions)
    .where(and(eq(chainTransactions.role, "hot"), where));
  if (booked === undefined) return null;
  const place = { lt: String(booked.lt), hash: booked.hash.toString("base64"), inclusive: true, limit: 1 };
  const [shown] = await client.getTransactions(address, { ...place, archival: true }).catch(unanswered);
  if (shown === undefined || !shown.hash().equals(booked.hash))
    throw new Error("The TON endpoint does not show this transaction. Nothing was changed: set another TON_ENDPOINT.");
  const values = shown.outMessages.values().flatMap(({ info }) => {
    return info.type === "internal" && info.dest.toRawString() === wallet ? [info.value.coins] : [];
  });
  return { hash: booked.hash.toString("hex"), at: booked.at, values };
}

function unanswered(error: unknown): never {
  throw new Error("A TON endpoint does not answer. Nothing was changed: try again.", { cause: error });
}
