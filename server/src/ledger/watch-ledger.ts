/**
 * Verifies the books when the server starts and every hour. A wrong sum halts the ledger, and so do books that could not
 * be looked at since the start.
 */
import type { Pool } from "pg";
import type { Logger } from "pino";
import { guarded } from "@starai/protocol/guarded";
import { pause } from "@starai/protocol/pause";
import { retry } from "@starai/protocol/retry";
import type { Ledger } from "./ledger.ts";
import { verifyLedger } from "./verify-ledger.ts";
import type { Finding } from "./verify-ledger.ts";

const HOUR_MS = 60 * 60_000;
/** A database that cannot be asked is asked again after this, and then less and less often. */
const PACE = { firstMs: 1_000, maxMs: 60_000 };
/** Who starts waits this long for the first verdict: a day's postings are looked at within a second. */
const READY_MS_MAX = 10_000;

interface Watched {
  readonly ledger: Ledger;
  readonly pg: Pool;
  readonly log: Logger;
  /** Knows whether a fault is the database's, and then logs it. */
  readonly health: { noticed(error: unknown): boolean };
  /** Wall time in ms. */
  readonly clock: () => number;
}

export interface LedgerWatch {
  /** Resolves once the books were looked at, could not be looked at, or it takes too long. */
  readonly ready: Promise<void>;
  /** Verifies now. @throws the database's fault; what was known of the books stays then */
  look(): Promise<void>;
  /** Ends the timer and waits for a verification under way. */
  stop(): Promise<void>;
}

export function watchLedger(watched: Watched): LedgerWatch {
  const { log, health } = watched;
  const stopping = new AbortController();
  const verifier = new Verifier(watched);
  const tried = new AbortController();
  let looking: Promise<void> | null = null;
  const insist = () =>
    retry(() => verifier.look().then(() => tried.abort()), {
      ...PACE,
      signal: stopping.signal,
      mayPass: () => true,
      onPause: (error, { tries }) => {
        tried.abort();
        if (!health.noticed(error) && tries === 1)
          log.warn({ err: error }, "the books could not be verified; trying again until they are");
      },
      // It ends without a verdict only where it was stopped.
    }).catch(() => undefined);
  const onHour = guarded(log, "the verification of the books", () => {
    // One that waits for the database goes on by itself.
    looking ??= insist().finally(() => (looking = null));
    return looking;
  });
  const timer = setInterval(onHour, HOUR_MS);
  onHour();
  return {
    ready: pause(READY_MS_MAX, AbortSignal.any([tried.signal, stopping.signal])),
    look: () => verifier.look(),
    stop: async () => {
      clearInterval(timer);
      stopping.abort();
      await looking;
    },
  };
}

class Verifier {
  readonly #watched: Watched;
  #isWrong = false;

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  async look(): Promise<void> {
    const { ledger, pg, log, clock } = this.#watched;
    const { findings, looked } = await verifyLedger(pg, { now: new Date(clock()) });
    ledger.halted = findings.some(({ severity }) => severity === "halt");
    // Which account or person it is about stands in no log: `npm run ledger:verify` shows it.
    if (findings.length > 0) log.error({ ...looked, broken: countsOf(findings) }, "the books do not add up");
    if (ledger.halted)
      log.error("no new paid answers until the books add up: `npm run ledger:verify` says what is wrong");
    if (this.#isWrong && !ledger.halted) log.warn("the books add up again: new answers are paid for again");
    this.#isWrong = ledger.halted;
  }
}

function countsOf(findings: readonly Finding[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { invariant } of findings) counts[invariant] = (counts[invariant] ?? 0) + 1;
  return counts;
}
