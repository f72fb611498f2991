/** A machine's part of a model call in words. Pure. */
import type { WorkedShare } from "@starai/protocol/receipts";
import type { Translate } from "@starai/protocol/texts";

/** @param number  writes a count in the reader's language */
export function shareText(share: WorkedShare, t: Translate, number: (count: number) => string): string {
  const whole = t(keyOf(share), { name: share.name, tokens: number(share.tokens) });
  if (share.work === undefined) return whole;
  const { layers, ofLayers } = share.work;
  return `${whole} · ${t("wallet.receipt.layers", { layers: number(layers), all: number(ofLayers) })}`;
}

function keyOf({ isFalse, withheld }: WorkedShare) {
  if (isFalse) return "wallet.receipt.worker_false";
  return withheld === undefined ? "wallet.receipt.worker" : "wallet.receipt.worker_slow";
}
