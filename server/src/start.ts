/** Starts the server's parts in their order and takes them apart again. */
import type { Hono, MiddlewareHandler } from "hono";
import type { Logger } from "pino";
import type { App } from "./app.ts";
import type { Config } from "./config.ts";
import type { AppContext } from "./context.ts";
import { startBackground } from "./background.ts";
import type { MoneySettings } from "./billing/money-settings.ts";
import { watchBills } from "./billing/watch-bills.ts";
import type { Chain } from "./chain/chain.ts";
import { DatabaseLock } from "./db/database-lock.ts";
import { migrate } from "./db/migrate.ts";
import { databaseFolder, openDatabase } from "./db/open-database.ts";
import type { OpenDatabase } from "./db/open-database.ts";
import { openMetricsPort } from "./events/metrics-port.ts";
import type { MetricsPort } from "./events/metrics-port.ts";
import { watchStorage } from "./db/watch-storage.ts";
import { HttpFront } from "./http-front.ts";
import { watchLedger } from "./ledger/watch-ledger.ts";
import { openOperatorPort } from "./operator/page/open-operator-port.ts";
import type { OperatorPort } from "./operator/page/open-operator-port.ts";
import { attachPoolSocket } from "./pool/pool-socket.ts";
import type { StarsApi } from "./stars/telegram.ts";
import { watchAlerts } from "./earnings/alerts.ts";
import { watchStars } from "./stars/watch-stars.ts";
import { watchGroups } from "./pool/groups/watch-groups.ts";
import { recordHours } from "./pool/record-hours.ts";
import { recordMinutes } from "./pool/record-minutes.ts";
import { watchOwners } from "./pool/watch-owners.ts";
import { watchStandings } from "./pool/send-standings.ts";
import { watchStanding } from "./pool/watch-standing.ts";
import { loadReceiptSigner } from "./receipts/load-receipt-signer.ts";
import { rateFeedOf } from "./rates/rate-feed.ts";
import { watchRates } from "./rates/watch-rates.ts";
import { chainOf, openMoney } from "./open-money.ts";

export interface StartOptions {
  log: Logger;
  /** Called once the port is this server's, long before it accepts work: a worker that starts slowly may start then. */
  listening?: (url: string) => void;
  /** Further routes on the same port, built once the server's parts exist (the sandbox's simulator). */
  mount?: (parts: { ctx: AppContext; app: App }) => Hono;
  originGuard?: MiddlewareHandler;
  /** In place of the configured Bot API (the sandbox's simulator, which is on the server's own port). */
  telegram?: StarsApi;
  /** The house's defaults for money, where they are not the code's (tests). */
  money?: MoneySettings;
  /** Called after this server closed itself because another one has its database now. */
  lost?: (why: Error) => void;
  /** A network of one's own in place of the configured one, once its contracts are there (the sandbox's). Asked once, with this server's address. */
  chain?: (url: string) => Promise<Chain>;
  /** An open database instead of the configured one; who opened it closes it (tests). */
  database?: OpenDatabase;
}

export interface RunningServer {
  readonly ctx: AppContext;
  readonly app: App;
  /** Base URL without a slash at the end. */
  readonly url: string;
  /** Where Prometheus scrapes; null where the settings name no port. */
  readonly metricsUrl: string | null;
  /** Stops taking work, lets streams end for up to `drainMs`, keeps everything unfinished resumable. */
  close(drainMs?: number): Promise<void>;
}

/** Production drains this long: most answers end within it. */
const DRAIN_MS = 25_000;

const noGuard: MiddlewareHandler = (_c, next) => next();

/**
 * Starts the server: its port first, then the database, which it waits for until no other server works on it, and
 * only then everything that resumes what is stored there.
 * @throws when the port is taken, the database does not come up, or another server stays on it
 */
export async function startServer(config: Config, options: StartOptions): Promise<RunningServer> {
  const { log, originGuard = noGuard } = options;
  const undo: (() => unknown)[] = [];
  const front = new HttpFront(config.http, originGuard);
  try {
    if (await front.tryListen()) options.listening?.(front.url);
    undo.push(() => front.close()());
    // Most of the code, the agent's libraries above all: reading it takes seconds.
    const { createContext } = await import("./create-context.ts");
    const opened = options.database ?? (await openDatabase(config, log));
    if (!options.database) undo.push(() => opened.close());
    const lock = await DatabaseLock.take({ connection: opened.connection, waitMs: config.handoverWaitMs, log });
    undo.push(() => lock[Symbol.asyncDispose]());
    await migrate(opened.pg);
    const signer = await loadReceiptSigner({ config, db: opened.db });
    const ctx = createContext({
      config,
      log,
      db: opened.db,
      pg: opened.pg,
      signer,
      unverified: true,
      ...(options.telegram ? { telegram: options.telegram } : {}),
      ...(options.money ? { money: options.money } : {}),
    });
    undo.push(() => ctx.ledger[Symbol.asyncDispose]());
    undo.push(() => ctx.vocabularies[Symbol.asyncDispose]());
    undo.push(() => ctx.forms[Symbol.asyncDispose]());
    undo.push(() => ctx.follower[Symbol.asyncDispose]());
    undo.push(() => ctx.proofs[Symbol.asyncDispose]());
    const metrics = config.metrics && (await openMetricsPort(config.metrics, ctx));
    undo.push(() => metrics?.close());
    const operator = config.operator && (await openOperatorPort(ctx, config.operator));
    undo.push(() => operator?.close());
    const chain = await chainOf(ctx, options);
    return await moveIn({ ctx, front, metrics, operator, opened, lock, chain, options });
  } catch (error) {
    for (const one of undo.reverse()) await one();
    throw error;
  }
}

interface Parts {
  readonly ctx: AppContext;
  readonly front: HttpFront;
  readonly metrics: MetricsPort | null;
  readonly operator: OperatorPort | null;
  readonly opened: OpenDatabase;
  readonly lock: DatabaseLock;
  readonly chain: Awaited<ReturnType<typeof chainOf>>;
  readonly options: StartOptions;
}

/** Everything that works on what is stored; from here on the database is ours alone. */
async function moveIn({ ctx, front, metrics, operator, opened, lock, chain, options }: Parts): Promise<RunningServer> {
  const { createApp } = await import("./app.ts");
  const app = createApp(ctx, options.originGuard);
  const mounted = options.mount?.({ ctx, app });
  if (mounted) app.route("/", mounted);
  const http = await front.open(app);
  const detachPool = attachPoolSocket(ctx, { http, leases: ctx.queue });
  const storage = watchStorage({ health: ctx.health, pg: ctx.pg, folder: folderOf(ctx.config, options) });
  const books = watchLedger(ctx);
  const rates = watchRates(ctx, rateFeedOf(ctx.config.rates, ctx.clock));
  // Loading takes seconds of both cores: done while the worker loads its model, not while the first question is read.
  void ctx.vocabularies.warm(ctx.config.defaultModel);
  // Work that goes on may need money set aside, which unverified books refuse.
  await books.ready;
  await ctx.queue.start();
  const background = startBackground(ctx);
  const minutes = recordMinutes(ctx);
  const hours = recordHours(ctx);
  const stars = watchStars(ctx);
  const bills = watchBills(ctx);
  const alerts = watchAlerts(ctx);
  const unwatch = [watchStanding(ctx), watchStandings(ctx), watchOwners(ctx), watchGroups(ctx)];
  const money = chain && openMoney(ctx, (signal) => chain(front.url, signal));
  await ctx.runs.resumeInterrupted();
  const close = once(async (drainMs: number) => {
    ctx.health.stopping = true;
    const closeConnections = front.close();
    await ctx.runs.shutdown(drainMs);
    await ctx.queue.shutdown();
    for (const stop of unwatch) stop();
    await detachPool();
    await closeConnections();
    await metrics?.close();
    await operator?.close();
    await minutes.stop();
    await hours.stop();
    await money?.stop();
    await stars.stop();
    await bills.stop();
    await alerts.stop();
    await background.stop();
    await rates.stop();
    await books.stop();
    storage.stop();
    await ctx.ledger[Symbol.asyncDispose]();
    await ctx.forms[Symbol.asyncDispose]();
    await ctx.vocabularies[Symbol.asyncDispose]();
    await ctx.follower[Symbol.asyncDispose]();
    await ctx.proofs[Symbol.asyncDispose]();
    // Everything is stored before the lock is released: the next server finds the database complete.
    await lock[Symbol.asyncDispose]();
    if (!options.database) await opened.close();
  });
  lock.keep(ctx.health, (why) => void close(0).finally(() => options.lost?.(why)));
  return { ctx, app, url: front.url, metricsUrl: metrics?.url ?? null, close: (drainMs = DRAIN_MS) => close(drainMs) };
}

/** A signal and a lost database may both end a server: it closes once, as the first one asked. */
function once(close: (drainMs: number) => Promise<void>): typeof close {
  let closing: Promise<void> | null = null;
  return (drainMs) => (closing ??= close(drainMs));
}

function folderOf(config: Config, { database }: StartOptions): string | null {
  return database || config.databaseUrl !== null ? null : databaseFolder(config.home);
}
