/**
 * A request to a wallet that is never sent twice by itself. Between the moment it was handed to the wallet and the moment the chain shows it,
 * nobody can know whether it was signed: a page reloads, a phone dies, a wallet's answer is lost. So it is stored as dispatched before
 * it is handed over, and from then on only two things allow another one: the chain, or the person who says "again".
 *
 *   prepared → dispatched → seen       the chain shows it
 *                         → refused    the wallet says that it signed nothing
 *                         → unknown    the answer was lost, or the page was loaded again
 *              unknown    → seen
 *                         → expired    the chain's time is past it, and it is not there: it cannot come any more
 */

export type RequestState = "prepared" | "dispatched" | "seen" | "refused" | "unknown" | "expired";

/** Kept by the caller as JSON, where one tab at a time writes it. */
export interface RequestOnce {
  readonly state: RequestState;
  /** Decimal, as in the message: by it the request is found on chain. */
  readonly queryId: string;
  /** UNIX seconds, as in the request. */
  readonly validUntil: number;
}

/** How long after `validUntil` a message may still show: a wallet that sets its own five minutes, and messages on their way. */
export const LATE_SECONDS = 900;

/** Thrown instead of sending again what may have been sent. */
export class NotAgain extends Error {
  constructor({ state, queryId }: RequestOnce) {
    super(`request ${queryId} is ${state}, so it is not sent again: look at the chain before another one is made`);
  }
}

/**
 * Prepares a request after an `earlier` one for the same thing. `personSaysAgain` is an act of the person who was told that the
 * earlier one may have been paid; it counts only when its answer was lost, not while the wallet is still being asked.
 * @throws {NotAgain}
 */
export function prepare(
  earlier: RequestOnce | null,
  { queryId, validUntil }: { queryId: bigint; validUntil: number },
  personSaysAgain = false,
): RequestOnce {
  const open = earlier?.state === "dispatched" || (earlier?.state === "unknown" && !personSaysAgain);
  if (earlier && open) throw new NotAgain(earlier);
  if (earlier?.queryId === String(queryId) && earlier.state !== "prepared")
    throw new RangeError("another request needs another query id, or the chain could not tell them apart");
  return { state: "prepared", queryId: String(queryId), validUntil };
}

/** Store its result before the wallet is asked. @throws {NotAgain} unless the request is prepared. */
export function dispatch(request: RequestOnce): RequestOnce {
  if (request.state !== "prepared") throw new NotAgain(request);
  return { ...request, state: "dispatched" };
}

/**
 * What the wallet answered: `sent`, which the chain has yet to show; `refused`, only for the SDK's UserRejectsError and BadRequestError; `lost`
 * for every other error, since it may have come after the signature. Late answers change nothing.
 */
export function answer(request: RequestOnce, what: "sent" | "refused" | "lost"): RequestOnce {
  if (request.state !== "dispatched" || what === "sent") return request;
  return { ...request, state: what === "refused" ? "refused" : "unknown" };
}

/** What a look at the chain showed: whether a message with this query id has arrived, as of the chain's time in UNIX seconds. */
export function look(request: RequestOnce, { found, chainS }: { found: boolean; chainS: number }): RequestOnce {
  if (found) return { ...request, state: "seen" };
  const open = request.state === "dispatched" || request.state === "unknown";
  return open && chainS > request.validUntil + LATE_SECONDS ? { ...request, state: "expired" } : request;
}

/** Reads what was stored: a dispatched request whose page is gone has lost its answer. Null when it is not a request. */
export function restore(text: string): RequestOnce | null {
  const { state, queryId, validUntil } = parsed(text);
  if (!STATES.includes(state as RequestState) || typeof queryId !== "string" || !/^\d{1,20}$/.test(queryId))
    return null;
  if (!Number.isSafeInteger(validUntil)) return null;
  return {
    state: state === "dispatched" ? "unknown" : (state as RequestState),
    queryId,
    validUntil: validUntil as number,
  };
}

const STATES: readonly RequestState[] = ["prepared", "dispatched", "seen", "refused", "unknown", "expired"];

function parsed(text: string): Partial<Record<keyof RequestOnce, unknown>> {
  try {
    return (JSON.parse(text) as object | null) ?? {};
  } catch {
    return {};
  }
}
