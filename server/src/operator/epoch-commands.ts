/** Epochs as an operator sees them: what each waits for, and a dropped one proposed anew. */
import { Address } from "@ton/core";
import { desc } from "drizzle-orm";
import { exactAmount } from "@starai/protocol/amounts";
import { finishClosing } from "../earnings/close-epoch.ts";
import { lastOfFees } from "../earnings/closing-books.ts";
import { seeDistributor } from "../earnings/distributor.ts";
import type { SeenDistributor } from "../earnings/distributor.ts";
import { planEpoch } from "../earnings/plan-epoch.ts";
import type { NotClosed } from "../earnings/plan-epoch.ts";
import { runningEpoch } from "../earnings/running-epoch.ts";
import type { EpochRow } from "../earnings/running-epoch.ts";
import { chainHome, epochs } from "../db/schema.ts";
import { verifyLedger } from "../ledger/verify-ledger.ts";
import { act, readActWords } from "./act.ts";
import type { OperatorCommand, OperatorContext, Say } from "./command.ts";
import { listLines } from "./epoch-lines.ts";
import { waitsOf } from "./epoch-waits.ts";
import { needMoney } from "./need-money.ts";
import { minute } from "./shown.ts";

/** Under it a publisher's wallet may not pay for a root and a claim, nano units. */
const POOR = 200_000_000n;
/** A screen. */
const LISTED_MAX = 20;

export const epochCommands = needMoney({
  "epochs propose": {
    args: "WHY",
    summary: "goes on with a closing that broke off, or closes an epoch anew whose root was dropped on the chain",
    run: propose,
  },
  epochs: {
    args: "[N]",
    summary: "closed epochs, what each waits for, and the distributor as the chain shows it; N: each worker's line",
    run: list,
  },
} satisfies Record<string, OperatorCommand>);

async function list(ctx: OperatorContext, words: readonly string[], say: Say): Promise<void> {
  const [number, ...more] = words;
  if (more.length > 0)
    throw new Error("`epochs` takes nothing, the number of an epoch, or `propose`: npm run operator -- epochs 7");
  if (number !== undefined) return listLines(ctx, number, say);
  const rows = await ctx.db.select().from(epochs).orderBy(desc(epochs.number)).limit(LISTED_MAX);
  if (rows.length === 0) say("No epoch was closed yet.");
  const seen = await seeIt(ctx).catch((error: unknown) => {
    say(
      `The chain does not say anything now: ${sentenceOf(error)} Nothing is lost; what is below is what was last seen.`,
    );
    return null;
  });
  if (seen !== null) {
    say(distributorLine(seen));
    say(await publisherLine(ctx, seen));
  }
  for (const row of rows) say(lineOf(row, seen));
}

const sentenceOf = (error: unknown): string => (error instanceof Error ? `${error.message}.` : "no answer.");

async function seeIt({ db, tonClient }: OperatorContext): Promise<SeenDistributor> {
  const [home] = await db.select().from(chainHome);
  if (home === undefined || tonClient === undefined)
    throw new Error("this database's money is on no TON network yet: set TON_NETWORK and start the server once");
  const { networkId } = home;
  const at = { client: tonClient(networkId), distributor: Address.parseRaw(home.distributor), networkId };
  return seeDistributor(at, new AbortController().signal);
}

function distributorLine({ epoch, totalCum, totalPaid, balance, epochCap }: SeenDistributor): string {
  return `The distributor is at its epoch ${epoch}: it owes ${exactAmount(totalCum - totalPaid)} coins and has ${exactAmount(balance)}; an epoch may add ${exactAmount(epochCap)}.`;
}

async function publisherLine(
  { tonClient }: OperatorContext,
  { publisher, networkId }: SeenDistributor,
): Promise<string> {
  if (publisher === null) return "Its guardian dismissed the publisher: no root is proposed until another one accepts.";
  const balance = await tonClient!(networkId)
    .getBalance(publisher)
    .catch(() => null);
  const has = balance === null ? "what it has is not known now" : `it has ${exactAmount(balance)} coins`;
  const poor = balance !== null && balance < POOR ? ", too little to propose and open roots: send it a coin" : "";
  return `The publisher's wallet is ${publisher.toRawString()}; ${has}${poor}.`;
}

function lineOf(row: EpochRow, seen: SeenDistributor | null): string {
  const { number, chainEpoch, state, closedAt, leaves, total } = row;
  const asOnChain = chainEpoch === number || !row.forChain ? "" : ` (the distributor's ${chainEpoch})`;
  const more = waitsOf(row, seen);
  return `${number}${asOnChain}  ${state}  closed ${minute(closedAt)}  ${leaves} leaves, ${exactAmount(total)} coins${more === null ? "" : `  ${more}`}`;
}

const WHY_NOT: Record<NotClosed, string> = {
  early: "No epoch was dropped: the running one is closed when its time is over. Nothing was changed.",
  on_its_way: "An epoch is on its way to the chain already. Nothing was changed.",
  behind: "The endpoint is behind the books. Nothing was changed: try again.",
  another_root: "Another root is pending at the distributor: wait until it is through. Nothing was changed.",
  nothing: "There is no leaf to propose. Nothing was changed.",
};

async function propose(ctx: OperatorContext, words: readonly string[], say: Say): Promise<void> {
  const { words: asked, who, why } = readActWords(words, ctx.user);
  if (asked.length > 0) throw new Error('Write it as in: epochs propose --why "…". Nothing was changed.');
  const { findings } = await verifyLedger(ctx.pg, { now: new Date() });
  if (findings.some(({ severity }) => severity === "halt"))
    throw new Error("The books do not add up: `npm run ledger:verify` says what is wrong. Nothing was changed.");
  const by = { who, why, verb: "epochs propose" };
  const { last } = await runningEpoch(ctx.db);
  say(await (last?.state === "closing" ? goOn(ctx, by, last) : closeAnew(ctx, by)));
}

type Act = Parameters<typeof act>[1];

/** With a closing that broke off; a server that works on it moves each line once all the same. It needs no chain. */
async function goOn(ctx: OperatorContext, by: Act, { number, forChain }: EpochRow): Promise<string> {
  const sentence = `The closing of epoch ${number} had broken off: what was left of it is moved now.`;
  const said = await act(ctx, by, async () => ({ params: { epoch: number, goneOnWith: true }, said: sentence }));
  await finishClosing(ctx.pg, number);
  return forChain ? `${said} A server with the publisher's key proposes its root.` : said;
}

async function closeAnew(ctx: OperatorContext, by: Act): Promise<string> {
  const seen = await seeIt(ctx).catch((error: unknown) => {
    throw new Error(`The chain cannot be asked: ${sentenceOf(error)} Nothing was changed: try again.`, {
      cause: error,
    });
  });
  const times = { again: true, now: Date.now(), upto: await lastOfFees(ctx.pg) };
  const said = await act(ctx, by, async ({ client, db }) => {
    const planned = await planEpoch({ client, tx: db }, seen, times);
    if (typeof planned === "string") throw new Error(WHY_NOT[planned]);
    const { number, released } = planned;
    const sentence = `Epoch ${number} is closed, ${exactAmount(released)} coins go to leaves; a server with the publisher's key proposes its root.`;
    return { params: { epoch: number }, said: sentence };
  });
  // Where this breaks off, a server goes on with it, or this command.
  const { last } = await runningEpoch(ctx.db);
  if (last?.state === "closing") await finishClosing(ctx.pg, last.number);
  return said;
}
