/** Verifies the ledger when the server starts, beside everything else, and every hour; a wrong sum halts it. */
import type { Pool } from "pg";
import type { Logger } from "pino";
import { guarded } from "@starai/protocol/guarded";
import type { Ledger } from "./ledger.ts";
import { verifyLedger } from "./verify-ledger.ts";
import type { Finding } from "./verify-ledger.ts";

const HOUR_MS = 60 * 60_000;

interface Watched {
  readonly ledger: Ledger;
  readonly pg: Pool;
  readonly log: Logger;
  /** Wall time in ms. */
  readonly clock: () => number;
}

export interface LedgerWatch {
  /** Verifies now. @throws the database's fault; what was known of the books stays then */
  look(): Promise<void>;
  /** Ends the timer and waits for a verification under way. */
  stop(): Promise<void>;
}

export function watchLedger(watched: Watched): LedgerWatch {
  let looking: Promise<void> = Promise.resolve();
  const look = () => verify(watched);
  const onHour = guarded(watched.log, "the ledger's verification", () => (looking = look()));
  const timer = setInterval(onHour, HOUR_MS);
  onHour();
  return {
    look,
    stop: async () => {
      clearInterval(timer);
      // Its fault was logged when it came.
      await looking.catch(() => undefined);
    },
  };
}

async function verify({ ledger, pg, log, clock }: Watched): Promise<void> {
  const { findings, looked } = await verifyLedger(pg, { now: new Date(clock()) });
  const wasHalted = ledger.halted;
  ledger.halted = findings.some(({ severity }) => severity === "halt");
  // Which account or person it is about stands in no log: `npm run ledger:verify` shows it.
  if (findings.length > 0) log.error({ ...looked, broken: countsOf(findings) }, "the ledger does not add up");
  if (ledger.halted)
    log.error(
      "no money is set aside for new work until a later look finds the books right; `npm run ledger:verify` says what is wrong",
    );
  if (wasHalted && !ledger.halted) log.warn("the ledger adds up again; new work is paid for again");
}

function countsOf(findings: readonly Finding[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { invariant } of findings) counts[invariant] = (counts[invariant] ?? 0) + 1;
  return counts;
}
