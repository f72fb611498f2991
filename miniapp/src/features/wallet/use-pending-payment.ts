/** The payment that is not credited yet, the same for the wallet and the top-up sheet; forgotten once it is credited. */
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useSyncExternalStore } from "react";
import { useMoney } from "../../data/use-money.ts";
import { useApp } from "../../lib/app-context.ts";
import { keys } from "../../lib/query-client.ts";
import { isCredited, parsePending } from "./pending-payment.ts";
import type { PendingPayment } from "./pending-payment.ts";

/** Telegram reports a payment within a second or two; after half a minute something is slow, and haste is no use. */
const POLL_MS = 1_500;
const SLOW_POLL_MS = 10_000;
const SLOW_AFTER_MS = 30_000;

const listeners = new Set<() => void>();

export function usePendingPayment() {
  const { storage, telegram } = useApp();
  const client = useQueryClient();
  const place = `starai.payment.${telegram.person}`;
  const text = useSyncExternalStore(subscribe, () => storage.getItem(place));
  const pending = useMemo(() => parsePending(text, Date.now()), [text]);
  const keep = useCallback(
    (payment: PendingPayment | null) => {
      if (payment === null) storage.removeItem(place);
      else storage.setItem(place, JSON.stringify(payment));
      for (const listener of listeners) listener();
    },
    [storage, place],
  );
  const money = useMoney({ pollMs: () => pending !== null && paceOf(pending) });
  const credited = pending !== null && money.data !== undefined && isCredited(pending, money.data.stars);
  useEffect(() => {
    if (!credited) return;
    keep(null);
    telegram.haptic("done");
    void client.invalidateQueries({ queryKey: keys.moneyHistory });
  }, [credited, keep, telegram, client]);
  return { pending, keep, money };
}

function paceOf({ at }: PendingPayment): number {
  return Date.now() - at < SLOW_AFTER_MS ? POLL_MS : SLOW_POLL_MS;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
