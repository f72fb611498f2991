/**
 * Subscriptions paid in Stars. An active one is charged at the end of its period; with too few Stars it fails and waits
 * for its person. A canceled one lasts until its period ends: the person may take that back until then, unless the
 * bot has canceled it.
 */
import { ClientRefusal, upsertPerson } from "../person.ts";
import type { Telegram } from "../telegram.ts";
import { unixSeconds } from "../telegram.ts";
import { canAfford, showStars, takeStars } from "./pay-invoice.ts";
import type { StarSubscription } from "./star-ledger.ts";

export interface SubscriptionWish {
  readonly user: number;
  /** The charge of the first payment. */
  readonly charge: string;
  /** `renew` makes the next payment now, as if the period had ended. */
  readonly act: "cancel" | "resume" | "renew";
}

/** Charges every active subscription whose period has ended. A period missed in whole is not charged later. */
export function renewDue(telegram: Telegram): void {
  const now = unixSeconds(telegram);
  for (const subscription of telegram.world.stars.subscriptions.values())
    if (subscription.state === "active" && subscription.until <= now) renew(telegram, subscription);
}

/** What a person does with a subscription of theirs. @throws ClientRefusal when it cannot be done */
export function changeSubscription(telegram: Telegram, { user, charge, act }: SubscriptionWish): StarSubscription {
  const subscription = telegram.world.stars.subscriptions.get(charge);
  if (subscription?.user !== user) throw new ClientRefusal("This person has no such subscription.");
  const { state } = subscription;
  const ended = subscription.until <= unixSeconds(telegram);
  if (act === "cancel" && state === "active") return change(telegram, subscription, "canceled");
  if (act === "resume" && state === "canceled" && !ended) return change(telegram, subscription, "active");
  if (act === "renew" && (state === "active" || state === "failed")) return renew(telegram, subscription);
  throw new ClientRefusal(`A subscription that is ${ended ? "over" : state} cannot be changed by "${act}".`);
}

/** Cancels a subscription for the bot, or lets its person take it up again. Neither makes an update. */
export function setCanceledByBot(telegram: Telegram, subscription: StarSubscription, canceled: boolean): void {
  if (canceled) save(telegram, { ...subscription, state: "canceled-by-bot" });
  else if (subscription.state === "canceled-by-bot") save(telegram, { ...subscription, state: "canceled" });
}

/** Subscriptions of a person that are not over. */
export function subscriptionsOf(telegram: Telegram, user: number): StarSubscription[] {
  const now = unixSeconds(telegram);
  return [...telegram.world.stars.subscriptions.values()].filter(
    (each) => each.user === user && (each.until > now || each.state === "failed"),
  );
}

function renew(telegram: Telegram, subscription: StarSubscription): StarSubscription {
  const { user: id, terms, until } = subscription;
  if (!canAfford(telegram, id, terms)) return change(telegram, subscription, "failed");
  const period = terms.periodS ?? 0;
  const now = unixSeconds(telegram);
  const next = until <= now && until + period > now ? until + period : now + period;
  const renewed = { ...subscription, until: next, state: "active" as const };
  takeStars(telegram, upsertPerson(telegram, { user: id }), terms, renewed);
  return renewed;
}

/** Changes the state and tells the bot. */
function change(
  telegram: Telegram,
  subscription: StarSubscription,
  state: "active" | "canceled" | "failed",
): StarSubscription {
  if (subscription.state === state) return subscription;
  const changed = save(telegram, { ...subscription, state });
  const user = upsertPerson(telegram, { user: changed.user });
  telegram.updates.push("subscription", { user, invoice_payload: changed.terms.payload, state });
  return changed;
}

function save(telegram: Telegram, subscription: StarSubscription): StarSubscription {
  telegram.commit({ kind: "star-subscription", subscription });
  showStars(telegram, subscription.user);
  return subscription;
}
