/** What a person has in Stars: a balance of play money and the subscriptions it pays for. */
import { ClientRefusal, upsertPerson } from "../person.ts";
import type { Telegram } from "../telegram.ts";
import { showStars } from "./pay-invoice.ts";
import type { StarSubscription } from "./star-ledger.ts";
import { subscriptionsOf } from "./subscriptions.ts";

/** Ten times the dearest invoice. */
export const STARS_MAX = 1_000_000;

export interface Purse {
  readonly balance: number;
  readonly subscriptions: readonly (Pick<StarSubscription, "charge" | "until" | "state"> & {
    readonly title: string;
    readonly amount: number;
  })[];
}

export function purseOf(telegram: Telegram, user: number): Purse {
  const subscriptions = subscriptionsOf(telegram, user).map(({ charge, until, state, terms }) => ({
    charge,
    until,
    state,
    title: terms.title,
    amount: terms.amount,
  }));
  return { balance: telegram.world.stars.balanceOf(user), subscriptions };
}

/** Gives a person Stars, which cost nothing here. @throws ClientRefusal above `STARS_MAX` */
export function addStars(telegram: Telegram, { user, add }: { user: number; add: number }): { balance: number } {
  upsertPerson(telegram, { user });
  const balance = telegram.world.stars.balanceOf(user) + add;
  if (balance > STARS_MAX) throw new ClientRefusal(`A person can have at most ${STARS_MAX} Stars here.`);
  telegram.commit({ kind: "star-balance", user, balance });
  showStars(telegram, user);
  return { balance };
}
