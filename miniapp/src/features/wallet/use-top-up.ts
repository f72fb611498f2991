/** Orders Stars and opens Telegram's payment sheet. What was paid is credited by the server, whether or not this screen is still open. */
import { useMutation } from "@tanstack/react-query";
import { SUBSCRIPTION } from "@starai/protocol/money";
import type { NewOrder } from "@starai/protocol/money";
import { useState } from "react";
import { useFailed } from "../../components/use-failed.ts";
import type { Money } from "../../data/use-money.ts";
import { answer } from "../../lib/api.ts";
import { useApp } from "../../lib/app-context.ts";
import { worthOf } from "./pending-payment.ts";
import type { PendingPayment } from "./pending-payment.ts";
import { topUpOutcome } from "./top-up-outcome.ts";
import type { TopUpOutcome } from "./top-up-outcome.ts";

const NANO = 1_000_000_000n;

/** Nano Stars that an order brings. */
export function creditOf(order: NewOrder): bigint {
  return order.kind === "pack"
    ? BigInt(order.stars) * NANO
    : (BigInt(SUBSCRIPTION.stars) * BigInt(SUBSCRIPTION.creditPercent) * NANO) / 100n;
}

interface TopUp {
  order: NewOrder;
  money: Money;
}

/** @param keep  stores a payment that waits for its credit */
export function useTopUp(keep: (payment: PendingPayment) => void) {
  const { api, telegram } = useApp();
  /** Whether Telegram's own sheet is open. */
  const [paying, setPaying] = useState(false);
  const pay = useMutation({
    mutationFn: async ({ order }: TopUp): Promise<TopUpOutcome> => {
      const made = await answer(() => api.my.stars.orders.$post({ json: order }));
      setPaying(true);
      const sheet = telegram.openInvoice(made.link);
      if (sheet === null) telegram.open(made.link);
      return topUpOutcome(sheet === null ? null : await sheet, made, new Date());
    },
    onSuccess: (outcome, { order, money }) => {
      if (outcome !== "waiting" && outcome !== "elsewhere") return;
      const before = String(worthOf(money.stars));
      keep({ credit: String(creditOf(order)), before, at: Date.now(), elsewhere: outcome === "elsewhere" });
    },
    onError: useFailed(),
    onSettled: () => setPaying(false),
  });
  return {
    pay: (order: NewOrder, money: Money) => pay.mutate({ order, money }),
    /** What is being bought right now. */
    bought: pay.isPending ? pay.variables.order : null,
    paying,
    outcome: pay.data ?? null,
    again: pay.reset,
  };
}
