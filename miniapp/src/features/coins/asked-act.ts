/**
 * What this device last asked of a wallet, and how far it is. The server has no part in it: it tells what the chain shows,
 * and the device compares that with what it asked for. Pure.
 */
import { look, restore } from "@starai/contracts/connect/request-once";
import type { RequestOnce } from "@starai/contracts/connect/request-once";

/** Kept on the device as JSON, beside what was asked for. */
export interface Asked {
  readonly request: RequestOnce;
  /** The wallet said that it sent it. */
  readonly sent: boolean;
}

/** `asking`: the wallet has not answered; `unknown`: it may have sent it; `expired`: it did not arrive while it could. */
export type ActPhase = "none" | "asking" | "refused" | "unknown" | "sent" | "done" | "expired";

export function phaseOfAct(kept: Asked | null): ActPhase {
  if (kept === null) return "none";
  const { request, sent } = kept;
  switch (request.state) {
    case "prepared":
      return "none";
    case "dispatched":
      return sent ? "sent" : "asking";
    case "unknown":
      return sent ? "sent" : "unknown";
    case "seen":
      return "done";
    case "refused":
    case "expired":
      return request.state;
  }
}

/** Whether nothing else may be asked of the wallet by itself. */
export function isUnderWay(phase: ActPhase): boolean {
  return phase === "asking" || phase === "unknown" || phase === "sent";
}

/** What was sent shows within seconds; once its request is old something is slow, and haste is no use. */
export const POLL_MS = 2_000;
export const SLOW_POLL_MS = 15_000;

/** How soon the chain is worth another look, in ms; false where nothing is under way. @param chainS  its UNIX seconds */
export function paceOfAct(kept: Asked | null, chainS: number): number | false {
  if (kept === null || !isUnderWay(phaseOfAct(kept))) return false;
  return chainS < kept.request.validUntil ? POLL_MS : SLOW_POLL_MS;
}

/**
 * The act as a look at the chain leaves it; the same object where nothing changed.
 * @param seen  whether the chain shows what the act was to bring about, as of its time in UNIX seconds
 */
export function settledAct<Kept extends Asked>(kept: Kept, seen: { found: boolean; chainS: number }): Kept {
  if (kept.request.state === "seen" || kept.request.state === "refused") return kept;
  const request = look(kept.request, seen);
  return request === kept.request ? kept : { ...kept, request };
}

/**
 * Makes what reads a stored act back; it gives null where the text is none.
 * @param whatOf  reads what was asked for out of the stored members, null where they are not that
 */
export function restorerOf<What extends object>(whatOf: (stored: Stored) => What | null) {
  return (text: string): (What & Asked) | null => {
    const stored = parsed(text);
    const request = restore(JSON.stringify(stored.request ?? null));
    const what = whatOf(stored);
    return request === null || what === null ? null : { ...what, request, sent: stored.sent === true };
  };
}

type Stored = Readonly<Record<string, unknown>>;

function parsed(text: string): Stored {
  try {
    return (JSON.parse(text) as Stored | null) ?? {};
  } catch {
    return {};
  }
}

/** Whether a stored value is an amount in nano units. */
export function isAmount(value: unknown): value is string {
  return typeof value === "string" && /^\d{1,30}$/.test(value);
}
