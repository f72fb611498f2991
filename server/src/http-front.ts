/**
 * The server's port. It is opened before anything else and answers `waiting` until the application is ready, so that
 * a rolling restart can tell the state of each server.
 */
import type { Server } from "node:http";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import type { MiddlewareHandler } from "hono";
import type { Config } from "./config.ts";
import { HTTP_STATUS, Refusal } from "./errors.ts";
import { errorBody } from "./gateway/error-body.ts";
import { apiCors } from "./routes/api-cors.ts";

/** Node waits 60 s for headers and 300 s for a body by default; a slow client may not hold a socket that long. */
const SLOW_CLIENTS = { headersTimeout: 10_000, requestTimeout: 30_000 };
const WAITING = "The server waits until it has the database to itself: another one is stopping, or it just started.";
const RETRY_AFTER_S = 2;

interface Answering {
  fetch(request: Request, env: unknown): Response | Promise<Response>;
}

export class HttpFront {
  readonly #at: Config["http"];
  #answering: Answering;
  #http: Server | null = null;

  constructor(at: Config["http"], originGuard: MiddlewareHandler) {
    this.#at = at;
    this.#answering = waitingApp(originGuard);
  }

  /** False when the port is taken: perhaps by the server that this one is to follow. */
  async tryListen(): Promise<boolean> {
    try {
      this.#http = await listen(this.#at, (request, env) => this.#answering.fetch(request, env));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") return false;
      throw error;
    }
  }

  /** From now on this application answers. Throws when the port is still taken. */
  async open(app: Answering): Promise<Server> {
    this.#answering = app;
    const { port } = this.#at;
    if (this.#http === null && !(await this.tryListen()))
      throw new Error(`Port ${port} is taken: stop the other program, or choose another port with PORT=${port + 1}.`);
    return this.http;
  }

  get http(): Server {
    if (this.#http === null) throw new Error("the port is not open yet");
    return this.#http;
  }

  /** Base URL without a slash at the end. */
  get url(): string {
    const { host } = this.#at;
    const address = this.http.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  }

  /** Refuses new connections from now on. Call the returned function to end the open ones. */
  close(): () => Promise<void> {
    const http = this.#http;
    const closed = new Promise<void>((resolve) => (http === null ? resolve() : http.close(() => resolve())));
    return () => {
      http?.closeAllConnections();
      return closed;
    };
  }
}

function listen({ host, port }: Config["http"], fetch: Answering["fetch"]): Promise<Server> {
  return new Promise((resolve, reject) => {
    const http = serve({ fetch, hostname: host, port, serverOptions: SLOW_CLIENTS }, () => resolve(http)) as Server;
    http.once("error", reject);
  });
}

function waitingApp(originGuard: MiddlewareHandler): Answering {
  const refusal = new Refusal("interrupted", WAITING, { retryAfterS: RETRY_AFTER_S });
  const ready = { database: false, worker: false, model: false };
  return new Hono()
    .use("/v1/*", apiCors)
    .use(originGuard)
    .get("/healthz", (c) => c.json({ ok: false, status: "waiting", message: WAITING, ready }, 503))
    .notFound((c) => c.json(errorBody(refusal), HTTP_STATUS.interrupted, { "retry-after": String(RETRY_AFTER_S) }));
}
