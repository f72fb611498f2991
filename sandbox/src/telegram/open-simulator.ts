/** Opens the simulated Telegram stored in a folder: routes for bot, person and page, and state kept across restarts. */
import path from "node:path";
import { Hono } from "hono";
import type { UserFromGetMe } from "@grammyjs/types";
import { firstRequest } from "../first-request.ts";
import type { FirstRequest } from "../first-request.ts";
import { originGuard } from "../origin-guard.ts";
import { pageRoutes } from "../page-routes.ts";
import { botApi } from "./bot-api.ts";
import { callMethod } from "./call-method.ts";
import { CallbackQueries } from "./callback-queries.ts";
import { Drafts } from "./drafts.ts";
import { EventFeed } from "./event-feed.ts";
import { Faults } from "./faults.ts";
import { FileStore } from "./file-store.ts";
import { FloodControl } from "./flood-control.ts";
import { Journal } from "./journal.ts";
import { personApi } from "./person-api.ts";
import { Checkouts } from "./stars/checkouts.ts";
import { renewDue } from "./stars/subscriptions.ts";
import type { Telegram } from "./telegram.ts";
import { UpdateQueue } from "./update-queue.ts";
import { WebhookSender } from "./webhook-sender.ts";
import { World } from "./world.ts";
import type { WorldRecord } from "./world.ts";

/** How late something due may be noticed while no request comes. */
const TICK_MS = 1_000;

export interface SimulatorOptions {
  /** The folder for chats; created when missing. */
  readonly folder: string;
  /** The bot's token, `<digits>:<secret>`. */
  readonly token: string;
  readonly name?: string;
  readonly username?: string;
  readonly clock?: () => number;
  /** A first request to the stack's `/v1`; absent when the simulator runs alone. */
  readonly firstRequest?: FirstRequest;
}

export interface Simulator extends AsyncDisposable {
  /** To be mounted at the root of the one HTTP port. */
  readonly routes: Hono;
  readonly telegram: Telegram;
}

export function openSimulator(options: SimulatorOptions): Simulator {
  const clock = options.clock ?? Date.now;
  const world = new World();
  const journal = new Journal<WorldRecord>(
    path.join(options.folder, "journal.jsonl"),
    (record) => world.apply(record),
    () => world.records(),
  );
  const commit = (record: WorldRecord) => {
    journal.append(record);
    world.apply(record);
  };
  const feed = new EventFeed();
  const updates = new UpdateQueue(world, commit);
  const closing = new AbortController();
  const webhooks = new WebhookSender({ world, updates, clock }, async ({ method, parameters }) => {
    await callMethod(telegram, method, { raw: parameters, uploads: new Map(), signal: closing.signal });
  });
  const telegram: Telegram = {
    token: options.token,
    me: botUser(options),
    world,
    updates,
    webhooks,
    feed,
    drafts: new Drafts(feed),
    callbacks: new CallbackQueries(clock),
    checkouts: new Checkouts(clock),
    faults: new Faults(),
    flood: new FloodControl(clock),
    files: new FileStore(path.join(options.folder, "files")),
    clock,
    commit,
  };
  webhooks.wake();
  const ticking = setInterval(() => tick(telegram), TICK_MS).unref();
  return {
    telegram,
    routes: routesOf(telegram, closing.signal, options.firstRequest),
    async [Symbol.asyncDispose]() {
      closing.abort();
      clearInterval(ticking);
      telegram.checkouts.close();
      updates.close();
      webhooks.close();
      telegram.drafts.close();
      journal[Symbol.dispose]();
    },
  };
}

function routesOf(telegram: Telegram, closing: AbortSignal, first: FirstRequest | undefined): Hono {
  const routes = new Hono();
  // Listed one by one: a "*" would also guard the routes of the app this is mounted on.
  for (const path of ["/", "/page/*", "/sim/*", "/file/*", "/:bot{bot[^/]+}/*"]) {
    routes.use(path, originGuard());
    // No request sees an answer that is late, or a payment that is due, as if it were not.
    routes.use(path, (_c, next) => (settleDue(telegram), next()));
  }
  // The guard above has checked that the Host is this machine's.
  routes.get("/sim/first-request", (c) =>
    c.json({ curl: first ? firstRequest(`http://${c.req.header("host")}`, first) : null }),
  );
  routes.route("/sim", personApi(telegram, closing));
  routes.route("/", pageRoutes());
  routes.route("/", botApi(telegram));
  return routes;
}

function tick(telegram: Telegram): void {
  try {
    settleDue(telegram);
  } catch (error) {
    console.error("simulator: a payment that is due cannot be written", error);
  }
}

/** Does what the clock has made due. */
function settleDue(telegram: Telegram): void {
  telegram.checkouts.settleLate();
  renewDue(telegram);
}

function botUser(options: SimulatorOptions): UserFromGetMe {
  return {
    id: Number(options.token.split(":")[0]),
    is_bot: true,
    first_name: options.name ?? "StarAI",
    username: options.username ?? "starai_bot",
    can_join_groups: true,
    can_read_all_group_messages: false,
    supports_inline_queries: false,
    can_connect_to_business: false,
    has_main_web_app: false,
    has_topics_enabled: false,
    allows_users_to_create_topics: false,
    can_manage_bots: false,
    supports_join_request_queries: false,
  };
}
