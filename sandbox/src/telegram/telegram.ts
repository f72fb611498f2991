/** The parts of the simulated Telegram, made once by `open-simulator.ts`. */
import type { UserFromGetMe } from "@grammyjs/types";
import type { CallbackQueries } from "./callback-queries.ts";
import type { Drafts } from "./drafts.ts";
import type { EventFeed } from "./event-feed.ts";
import type { Faults } from "./faults.ts";
import type { FileStore } from "./file-store.ts";
import type { FloodControl } from "./flood-control.ts";
import type { Checkouts } from "./stars/checkouts.ts";
import type { UpdateQueue } from "./update-queue.ts";
import type { WebhookSender } from "./webhook-sender.ts";
import type { World, WorldRecord } from "./world.ts";

export interface Telegram {
  readonly token: string;
  readonly me: UserFromGetMe;
  readonly world: World;
  readonly updates: UpdateQueue;
  readonly webhooks: WebhookSender;
  readonly feed: EventFeed;
  readonly drafts: Drafts;
  readonly callbacks: CallbackQueries;
  readonly checkouts: Checkouts;
  readonly faults: Faults;
  readonly flood: FloodControl;
  readonly files: FileStore;
  /** Unix milliseconds. */
  readonly clock: () => number;
  /** Writes the change to the journal, then applies it to the world. */
  commit(record: WorldRecord): void;
}

/** The clock in Unix seconds, the unit of Telegram's dates. */
export function unixSeconds(telegram: Telegram): number {
  return Math.floor(telegram.clock() / 1_000);
}
