/** What an escrow's owner can ask of the wallet, and whether the chain shows that it was done. Pure. */
import type { EscrowView } from "@starai/protocol/escrow";
import { isAmount, restorerOf } from "../asked-act.ts";

const KINDS = [
  "open",
  "add_key",
  "top_up",
  "raise_cap",
  "request_close",
  "cancel_close",
  "close_together",
  "withdraw",
] as const;
export type ActKind = (typeof KINDS)[number];

/** `mark` is what the chain is compared with; see `markOf` and `isDone`. */
export interface Act {
  readonly kind: ActKind;
  /** Raw address. */
  readonly escrow: string;
  readonly mark: string;
}

/** @param wish  the key in hex of `open` and `add_key`, the cap of `raise_cap` and the funds of `top_up` in nano units */
export function actOf(kind: ActKind, view: EscrowView, wish = ""): Act {
  return { kind, escrow: view.address, mark: wish === "" ? markOf(kind, view) : wish };
}

/** What the chain shows before the act: what must have changed after it. */
function markOf(kind: ActKind, { chain }: EscrowView): string {
  if (kind === "request_close") return String(chain?.ripeAt ?? 0);
  return String(chain?.round ?? 0);
}

/** Everything that it has held and not given back: a payment to us does not change it, a top-up does. */
export function fundsOf(chain: EscrowView["chain"]): bigint {
  return chain === null ? 0n : BigInt(chain.settled) + BigInt(chain.available);
}

/** Whether the chain shows what the act was to bring about. */
export function isDone({ kind, escrow, mark }: Act, { address, chain }: EscrowView): boolean {
  if (chain === null || address !== escrow) return false;
  switch (kind) {
    case "open":
    case "add_key":
      return chain.keys.includes(mark);
    case "top_up":
      return fundsOf(chain) >= BigInt(mark);
    case "raise_cap":
      return BigInt(chain.dailyCap) >= BigInt(mark);
    case "request_close":
      return chain.ripeAt !== null && chain.ripeAt !== Number(mark);
    case "cancel_close":
      return chain.ripeAt === null;
    case "close_together":
    case "withdraw":
      return chain.round > Number(mark);
  }
}

/** Reads what was stored; null when it is no act. */
export const restoreAct = restorerOf<{ readonly act: Act }>((stored) => {
  const { kind, escrow, mark } = (stored.act ?? {}) as Partial<Record<keyof Act, unknown>>;
  if (!KINDS.includes(kind as ActKind) || typeof escrow !== "string") return null;
  const isMark = kind === "open" || kind === "add_key" ? isKey : isAmount;
  return isMark(mark) ? { act: { kind: kind as ActKind, escrow, mark } } : null;
});

function isKey(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{1,64}$/.test(value);
}
