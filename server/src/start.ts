/** Puts the server's parts together and takes them apart again; the one place that knows them all. */
import type { Server } from "node:http";
import { serve } from "@hono/node-server";
import type { Hono, MiddlewareHandler } from "hono";
import type { Logger } from "pino";
import { loadCatalogue } from "@starai/protocol/catalogue";
import { createApp } from "./app.ts";
import type { App } from "./app.ts";
import type { Config } from "./config.ts";
import type { AppContext } from "./context.ts";
import { startBackground } from "./background.ts";
import { ChangeFeed } from "./changes/change-feed.ts";
import { OpenStreams } from "./sessions/open-streams.ts";
import { openDatabase } from "./db/open-database.ts";
import type { OpenDatabase } from "./db/open-database.ts";
import { AnswerForms } from "./gateway/answer-forms.ts";
import { JobDesk } from "./jobs/job-desk.ts";
import { attachPoolSocket } from "./pool/pool-socket.ts";
import { recordMinutes } from "./pool/record-minutes.ts";
import { WorkerRegistry } from "./pool/worker-registry.ts";
import { RunDesk } from "./agent/run-desk.ts";
import { Vocabularies } from "./vocabulary/vocabularies.ts";

export interface StartOptions {
  log: Logger;
  /** Further routes on the same port, built once the server's parts exist (the sandbox's simulator). */
  mount?: (parts: { ctx: AppContext; app: App }) => Hono;
  fence?: MiddlewareHandler;
  /** An open database instead of the configured one; who opened it closes it (tests). */
  database?: OpenDatabase;
}

export interface RunningServer {
  readonly ctx: AppContext;
  readonly app: App;
  /** Base URL without a slash at the end. */
  readonly url: string;
  /** Stops taking work, lets streams end for up to `drainMs`, keeps everything unfinished resumable. */
  close(drainMs?: number): Promise<void>;
}

/** Production drains this long: most answers end within it. */
const DRAIN_MS = 25_000;

export async function startServer(config: Config, options: StartOptions): Promise<RunningServer> {
  const opened = options.database ?? (await openDatabase(config, options.log));
  const ctx = createContext(config, opened, options.log);
  const app = createApp(ctx, options.fence);
  const mounted = options.mount?.({ ctx, app });
  if (mounted) app.route("/", mounted);
  const http = await listen(app, config.http).catch(async (error: unknown) => {
    // Nobody gets a server to close, so what was opened for it is closed here.
    await ctx.vocabularies[Symbol.asyncDispose]();
    if (!options.database) await opened.close();
    throw error;
  });
  const detachPool = attachPoolSocket(ctx, http);
  await ctx.desk.start();
  const background = await startBackground(ctx, opened.connection);
  const minutes = recordMinutes(ctx);
  await ctx.runs.resumeInterrupted();
  return {
    ctx,
    app,
    url: addressOf(http, config.http.host),
    close: async (drainMs = DRAIN_MS) => {
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      await ctx.runs.shutdown(drainMs);
      await ctx.desk.shutdown();
      await detachPool();
      http.closeAllConnections();
      await closed;
      await minutes.stop();
      await background.stop();
      await ctx.forms[Symbol.asyncDispose]();
      await ctx.vocabularies[Symbol.asyncDispose]();
      if (!options.database) await opened.close();
    },
  };
}

/** The parts hold the context and the context holds the parts: they are made in order and frozen together. */
function createContext(config: Config, opened: OpenDatabase, log: Logger): AppContext {
  const catalogue = loadCatalogue(config.extraModels);
  const time = { clock: Date.now, monotonic: () => performance.now(), random: Math.random };
  const base = { config, log, db: opened.db, pg: opened.pg, catalogue, ...time };
  const ctx = base as { -readonly [Key in keyof AppContext]: AppContext[Key] };
  ctx.changes = new ChangeFeed();
  ctx.streams = new OpenStreams();
  ctx.vocabularies = new Vocabularies(catalogue, config.modelsFolder, log);
  ctx.forms = new AnswerForms();
  ctx.registry = new WorkerRegistry(ctx);
  ctx.desk = new JobDesk(ctx);
  ctx.runs = new RunDesk(ctx);
  return Object.freeze(ctx);
}

function listen(app: App, { host, port }: Config["http"]): Promise<Server> {
  return new Promise((resolve, reject) => {
    const http = serve({ fetch: app.fetch, hostname: host, port, serverOptions: SLOW_CLIENTS }, () =>
      resolve(http),
    ) as Server;
    http.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "EADDRINUSE"
          ? new Error(`Port ${port} is taken: stop the other program, or choose another port with PORT=${port + 1}.`)
          : error,
      ),
    );
  });
}

/** Node waits 60 s for headers and 300 s for a body by default; a slow client may not hold a socket that long. */
const SLOW_CLIENTS = { headersTimeout: 10_000, requestTimeout: 30_000 };

function addressOf(http: Server, host: string): string {
  const address = http.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
