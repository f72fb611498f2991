/**
 * The escrow of somebody who wants to be forgotten. It lives on the chain and is theirs by their wallet alone: it is nothing
 * that could be given up here, but nobody will be able to tell them its address afterwards.
 */
import { Address } from "@ton/core";
import { and, desc, eq, gt } from "drizzle-orm";
import { coinsText } from "@starai/protocol/amounts";
import { languageOf, translator } from "@starai/protocol/texts";
import { escrowOwner } from "../billing/escrow-books.ts";
import type { Executor } from "../db/executor.ts";
import { escrows, ledgerAccounts, wallets } from "../db/schema.ts";

const MAINNET = -239;

/** Nano units, as the escrow was last seen. */
interface LeftEscrow {
  /** As explorers and wallets write it. */
  readonly address: string;
  readonly holds: bigint;
  /** Signed for answers and not collected yet; the till may take it later, too. */
  readonly signed: bigint;
}

/** The newest one of their wallet that something is in; null without one. */
export async function leftEscrowOf(db: Pick<Executor, "select">, person: string): Promise<LeftEscrow | null> {
  const mine = and(eq(wallets.address, escrows.owner), eq(wallets.state, "bound"), eq(wallets.person, person));
  const [row] = await db
    .select({ address: escrows.address, networkId: escrows.networkId, holds: escrows.available })
    .from(escrows)
    .innerJoin(wallets, mine)
    .where(gt(escrows.available, 0n))
    .orderBy(desc(escrows.storedAt))
    .limit(1);
  if (row === undefined) return null;
  const [receivable] = await db
    .select({ balance: ledgerAccounts.balance })
    .from(ledgerAccounts)
    .where(
      and(
        eq(ledgerAccounts.asset, "coin"),
        eq(ledgerAccounts.kind, "receivable"),
        eq(ledgerAccounts.owner, escrowOwner(row.address)),
      ),
    );
  const address = Address.parseRaw(row.address).toString({ testOnly: row.networkId !== MAINNET });
  return { address, holds: row.holds, signed: -(receivable?.balance ?? 0n) };
}

/** In the person's language, without markup. @param alone  nothing else is left that they are told of */
export function sentenceOfEscrow(
  { address, holds, signed }: LeftEscrow,
  { language: code, coin, alone }: { language: string; coin: string; alone: boolean },
): string {
  const language = languageOf(code);
  const t = translator(language);
  const amount = (nano: bigint) => coinsText(t, { nano, coin, language, round: "down" });
  return [
    t("account.left.escrow", { address, amount: amount(holds) }),
    ...(signed > 0n ? [t("account.left.escrow_signed", { amount: amount(signed) })] : []),
    t("account.left.escrow_leave", { address }),
    ...(alone ? [t("account.left.nothing_yet")] : []),
  ].join(" ");
}
