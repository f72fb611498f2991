/**
 * What a transaction of the deposits vault is to the books. Nothing that arrived is lost: what is nobody's yet waits in
 * `unmatched`, and money counts by its message's whole value, whatever the vault spent on taking it.
 */
import { and, eq, isNull } from "drizzle-orm";
import { CHAIN_TERMS } from "@starai/protocol/wallet";
import type { MoneyTransaction } from "../billing/money-transaction.ts";
import type { AccountTransaction, InMessage } from "../chain/account-transaction.ts";
import type { Chain } from "../chain/chain.ts";
import { ownReading } from "../chain/reading.ts";
import type { ReadTransaction, Reading } from "../chain/reading.ts";
import { readSettlement } from "../chain/read-settlement.ts";
import { readSweep } from "../chain/read-sweep.ts";
import type { Executor } from "../db/executor.ts";
import { depositInvoices, deposits } from "../db/schema.ts";
import type { ChainContext } from "../chain/context.ts";
import { UNMATCHED, isChecked, personsCoins } from "./deposit-accounts.ts";
import { readDepositBody } from "./deposit-body.ts";
import type { DepositBody } from "./deposit-body.ts";
import { tellDeposit, tellGiver } from "./tell-deposit.ts";
import { ownerOf, storableNumber } from "./whose-deposit.ts";
import type { Owner } from "./whose-deposit.ts";

export function depositsReading(ctx: ChainContext): ReadTransaction {
  return async (open, transaction, chain) => {
    const { in: incoming } = transaction;
    if (incoming?.fromRole) return readOwn(open.tx, transaction, chain);
    if (incoming === null) return ownReading(transaction, "own");
    // The vault's own message came back, or it sent back what it refused.
    if (incoming.bounced || transaction.bouncedBack)
      return (await readSweep(open.tx, transaction, chain)) ?? ownReading(transaction, "bounced");
    const body = readDepositBody(incoming.body);
    if (body.kind === "jetton") {
      // A token of the same ticker is not the coin: nothing is credited, and the keepers can send it back.
      ctx.log.warn(
        { wallet: incoming.from },
        "a jetton, or its change, arrived at the deposits vault; it is not credited",
      );
      return ownReading(transaction, "jetton");
    }
    if (body.kind === "order" && !transaction.aborted)
      return (await readSweep(open.tx, transaction, chain)) ?? ownReading(transaction, body.kind);
    if (incoming.value === 0n) return ownReading(transaction, body.kind);
    return credit(ctx, open, { transaction, incoming, body, chain });
  };
}

/** From one of our own accounts. */
async function readOwn(tx: Executor, transaction: AccountTransaction, chain: Chain): Promise<Reading> {
  const known = (await readSettlement(tx, transaction)) ?? (await readSweep(tx, transaction, chain));
  return known ?? ownReading(transaction, "own");
}

interface Arrived {
  readonly transaction: AccountTransaction;
  readonly incoming: InMessage;
  readonly body: DepositBody;
  readonly chain: Chain;
}

async function credit(ctx: ChainContext, { tx }: MoneyTransaction, arrived: Arrived): Promise<Reading> {
  const { transaction, incoming, body, chain } = arrived;
  const isDust = incoming.value < CHAIN_TERMS.dustBelow;
  const owner = isDust ? null : await ownerOf(tx, { body, sender: incoming.from });
  const state = isDust ? "dust" : stateOf(owner, isChecked(chain, incoming.value));
  const id = await storeDeposit(ctx, tx, { ...arrived, state, owner });
  const reading: Reading = { ...ownReading(transaction, state), ref: id };
  if (state === "dust") return reading;
  const account = state === "credited" ? personsCoins(owner!.person) : UNMATCHED;
  const known: Reading = { ...reading, in: { account, kind: "deposit" } };
  if (owner === null || state === "unmatched") return known;
  const { person } = owner;
  if (body.kind === "typed") await noteInvoice(tx, { invoice: body.invoice, person, deposit: id });
  await tellDeposit(tx, { deposit: id, person, amount: incoming.value, state });
  if (state === "credited")
    await tellGiver(tx, { deposit: id, person, how: owner.how, sender: incoming.from, amount: incoming.value });
  const stored = () => {
    ctx.changes.emit("bot", { type: "notices" });
    if (state !== "checking" || chain.second !== null) return;
    ctx.log.warn(
      { deposit: id },
      "a large deposit waits for an operator, for there is no second endpoint (TON_SECOND_ENDPOINT) to check it: look at it in an explorer, then `npm run operator -- deposit confirm DEPOSIT --why …`, or `deposit doubt`",
    );
  };
  return { ...known, stored };
}

function stateOf(owner: Owner | null, isLarge: boolean) {
  if (owner === null) return "unmatched";
  return isLarge ? "checking" : "credited";
}

interface Stored extends Arrived {
  readonly state: "credited" | "checking" | "unmatched" | "dust";
  readonly owner: Owner | null;
}

async function storeDeposit(ctx: ChainContext, tx: Executor, stored: Stored): Promise<string> {
  const { transaction, incoming, body, chain, state, owner } = stored;
  const { account, lt, hash, at } = transaction;
  const said = {
    number: body.kind === "typed" ? storableNumber(body.number) : null,
    invoice: body.kind === "typed" ? storableNumber(body.invoice) : null,
    comment: body.kind === "comment" ? body.text : null,
  };
  const [row] = await tx
    .insert(deposits)
    .values({
      networkId: chain.networkId,
      account,
      lt,
      hash,
      at,
      sender: incoming.from,
      amount: incoming.value,
      ...said,
      state,
      person: owner?.person ?? null,
      how: owner?.how ?? null,
      creditedAt: state === "credited" ? new Date(ctx.clock()) : null,
    })
    .returning({ id: deposits.id });
  return row!.id;
}

/** The invoice explains the deposit; paid twice, late or with another amount, the money is the person's all the same. */
async function noteInvoice(
  tx: Executor,
  { invoice, person, deposit }: { invoice: bigint; person: string; deposit: string },
): Promise<void> {
  const id = storableNumber(invoice);
  if (id === null) return;
  const { person: whose, deposit: paid, id: number } = depositInvoices;
  await tx
    .update(depositInvoices)
    .set({ deposit })
    .where(and(eq(number, id), eq(whose, person), isNull(paid)));
}
