/** The day's settlement before its time, and what only the vaults' keepers can move. */
import { Address } from "@ton/core";
import type { TonClient } from "@ton/ton";
import { exactAmount } from "@starai/protocol/amounts";
import { Vault } from "@starai/contracts/Vault";
import { compareBalances, differenceOf } from "../chain/compare-balances.ts";
import { chainCursors, chainHome } from "../db/schema.ts";
import { verifyLedger } from "../ledger/verify-ledger.ts";
import { sweepable } from "../settlement/plan-settlement.ts";
import { settle } from "../settlement/settle.ts";
import type { Vaults } from "../settlement/settle.ts";
import { settlementBooks } from "../settlement/settlement-books.ts";
import { named } from "./amounts.ts";
import type { OperatorCommand, OperatorContext, Say } from "./command.ts";
import { needMoney } from "./need-money.ts";

export const settleCommands = needMoney({
  settle: {
    args: "",
    summary: "moves coins to where the books need them, once a day; says what keepers may sweep",
    run,
  },
} satisfies Record<string, OperatorCommand>);

const MOVED = {
  pay_pool: "from the deposits vault to the pool, for workers",
  till_pool: "from the till to the pool, for workers",
  draw_till: "from the till to the hot wallet, on their way to the deposits vault",
  give_back: "from the hot wallet to the deposits vault",
} as const;

async function run(ctx: OperatorContext, words: readonly string[], say: Say): Promise<void> {
  if (words.length > 0) throw new Error("`settle` takes no arguments. Nothing was moved.");
  const { vaults, networkId } = await rightVaults(ctx);
  const asked = await settle({ pg: ctx.pg, clock: Date.now }, vaults, new AbortController().signal).catch(unanswered);
  if (asked.length === 0) say("Nothing is to be moved now: it was asked for today already, or there is nothing.");
  for (const { part, amount } of asked) say(`${named(amount, "coin")} go ${MOVED[part]}: the hot wallet sends them.`);
  const fees = sweepable(await settlementBooks(ctx.pg));
  for (const role of ["deposits", "till"] as const)
    if (fees[role] > 0n) await sayOrder({ vaults, role, amount: fees[role], networkId }, say);
}

/** @throws a sentence where the books are not known to be right */
async function rightVaults({ db, pg, tonClient }: OperatorContext): Promise<{ vaults: Vaults; networkId: number }> {
  const [home] = await db.select().from(chainHome);
  const cursors = await db.select().from(chainCursors);
  if (home === undefined || tonClient === undefined || !cursors.some(({ role }) => role === "hot"))
    throw new Error(
      "This database's money is on no TON network yet, or it has no hot wallet: set TON_NETWORK and TON_HOT_SEED and start the server once. Nothing was moved.",
    );
  const { findings } = await verifyLedger(pg, { now: new Date() });
  if (findings.some(({ severity }) => severity === "halt"))
    throw new Error("The books do not add up: `npm run ledger:verify` says what is wrong. Nothing was moved.");
  const client: TonClient = tonClient(home.networkId);
  const accounts = cursors.map(({ role, address }) => ({ role, address: Address.parseRaw(address) }));
  const compared = await compareBalances(db, client, accounts).catch(unanswered);
  if (compared.some((one) => one.onChain === null || differenceOf(one) !== 0n))
    throw new Error(
      "The books and the chain differ, or cannot be compared: `npm run operator -- chain` shows it. Nothing was moved.",
    );
  const [deposits, till] = [Address.parseRaw(home.deposits), Address.parseRaw(home.till)];
  return { vaults: { client, deposits, till }, networkId: home.networkId };
}

function unanswered(error: unknown): never {
  throw new Error("The TON endpoint or the database does not answer. Nothing was moved: try again.", { cause: error });
}

interface Sweep {
  readonly vaults: Vaults;
  readonly role: "deposits" | "till";
  readonly amount: bigint;
  readonly networkId: number;
}

/** No key of ours may sweep: the keepers are told what to propose. */
async function sayOrder({ vaults, role, amount, networkId }: Sweep, say: Say): Promise<void> {
  const { proposal } = await vaults.client.open(new Vault(vaults[role])).getState().catch(unanswered);
  const place = role === "deposits" ? "the deposits vault" : "the till";
  say(`${named(amount, "coin")} of fees lie in ${place}. A keeper proposes to send them to the treasury by`);
  say(
    `  npm run ton -- propose-sweep ${exactAmount(amount)} --vault ${vaults[role].toRawString()} --network-id=${networkId}`,
  );
  if (proposal !== null) say("  once what is proposed there already is executed or cancelled.");
}
