/** A deposit from an invoice to its credit, which the server gives whether or not this screen is still open. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { restore } from "@starai/contracts/connect/request-once";
import type { RequestOnce } from "@starai/contracts/connect/request-once";
import { useChain } from "../../data/use-chain.ts";
import type { Chain } from "../../data/use-chain.ts";
import { useApp } from "../../lib/app-context.ts";
import { keys } from "../../lib/query-client.ts";
import { useKept } from "../../lib/use-kept.ts";
import { POLL_MS, SLOW_POLL_MS } from "./asked-act.ts";
import { isOnItsWay, phaseOf, settled } from "./deposit-phase.ts";

export function useDeposit() {
  const { telegram } = useApp();
  const client = useQueryClient();
  const { kept, read, keep } = useKept<RequestOnce>("deposit", restore);
  const chain = useChain({ pollMs: (found) => paceOf(found, read()) });
  const invoice = chain.data?.invoice ?? null;
  const phase = phaseOf(invoice, kept);
  useEffect(() => {
    const now = settled(kept, invoice, Math.floor(Date.now() / 1_000));
    if (now !== kept) keep(now);
  }, [kept, invoice, keep]);
  const credited = phase === "credited";
  useEffect(() => {
    if (!credited) return;
    telegram.haptic("done");
    // The overview's balance may have been read just before its invoice was.
    void client.invalidateQueries({ queryKey: keys.money });
  }, [credited, telegram, client]);
  return { chain, invoice, phase, kept, keep, read };
}

export type Deposit = ReturnType<typeof useDeposit>;

/** Withdrawals on their way are looked at now and then, too. */
function paceOf(chain: Chain | null, kept: ReturnType<Deposit["read"]>): number | false {
  if (chain === null) return false;
  const { invoice, payouts } = chain;
  if (invoice !== null && isOnItsWay(phaseOf(invoice, kept)))
    return Date.now() < Date.parse(invoice.expiresAt) ? POLL_MS : SLOW_POLL_MS;
  return payouts.some(({ endedAt }) => endedAt === null) && SLOW_POLL_MS;
}
