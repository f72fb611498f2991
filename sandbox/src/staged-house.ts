/**
 * The whole product with the simulator around it and one machine in its pool whose words are a script: server, routes,
 * pool socket, bot and page are the real ones. For browser tests, screenshots and benchmarks.
 */
import path from "node:path";
import type { MiddlewareHandler } from "hono";
import { every } from "hono/combine";
import { pino } from "pino";
import { logOptions } from "@starai/protocol/log-options";
import { startBot } from "@starai/bot/start-bot";
import { loadCatalogue } from "@starai/protocol/catalogue";
import { createServerClient } from "@starai/server/client";
import { readConfig } from "@starai/server/config";
import type { AppContext } from "@starai/server/context";
import type { OpenDatabase } from "@starai/server/db/open-database";
import { startServer } from "@starai/server/start";
import { answers } from "@starai/server/threads/scripted-thinking";
import type { Script } from "@starai/server/threads/scripted-thinking";
import { loopbackFence } from "./loopback-fence.ts";
import { PlayedWorker } from "./played-worker.ts";
import { openSimulator } from "./telegram/open-simulator.ts";
import type { Simulator } from "./telegram/open-simulator.ts";

const TOKEN = "7000000001:AAstaged-house-token-0123456789abcdef";
const BOT_KEY = "the-bot-key-of-a-staged-house-0123456789";
export const STAGED_MODEL = "qwen2.5-coder-1.5b";

export interface StagedOptions {
  /** A folder of its own: chats, and the database where none is given. */
  home: string;
  /** An open database instead of an embedded one. */
  database?: OpenDatabase;
  port?: number;
  /** Runs before every route, after the fence; a benchmark answers for the server there. */
  before?: MiddlewareHandler;
  /** The script is also asked to name conversations, in a form of its own; it is not otherwise. */
  titles?: boolean;
  /** How long a question waits for a machine; as long as people are told where it is not given. */
  machineWaitMs?: number;
}

export interface StagedHouse extends AsyncDisposable {
  /** Of the page; the Mini App is below it at `app/`. */
  readonly url: string;
  readonly ctx: AppContext;
  readonly simulator: Simulator;
  /** What the model writes from now on. */
  script: Script;
  /** Its machine leaves the pool, or comes back. */
  setOnline(online: boolean): Promise<void>;
  /** Stops the server as a deployment does and starts it again at the same address; the bot stays. */
  restartServer(whileGone?: () => Promise<void>): Promise<void>;
  /** A person writes to the bot. Answers the message's id. */
  say(user: number, text: string): Promise<number>;
}

export async function openStagedHouse(options: StagedOptions): Promise<StagedHouse> {
  const log = pino(logOptions(process.env.STARAI_LOG_LEVEL ?? "silent"));
  const simulator = openSimulator({ folder: path.join(options.home, "telegram"), token: TOKEN });
  const open = (port: number) =>
    startServer(configOf(options, port), {
      log,
      fence: options.before ? every(loopbackFence(), options.before) : loopbackFence(),
      mount: () => simulator.routes,
      ...(options.database ? { database: options.database } : {}),
    });
  let server = await open(options.port ?? 0);
  const { url } = server;
  const sha256 = loadCatalogue().get(STAGED_MODEL)?.sha256 ?? "";
  const worker = new PlayedWorker({ id: STAGED_MODEL, sha256 }, (job) => house.script(job));
  await worker.join(url);
  const bot = await startBot({
    token: TOKEN,
    apiRoot: url,
    server: createServerClient({ baseUrl: url, botKey: BOT_KEY }),
    appUrl: `${url}/app/`,
    mode: { kind: "polling" },
    log,
  });
  const house: StagedHouse = {
    url: `${url}/`,
    get ctx() {
      return server.ctx;
    },
    simulator,
    script: ({ question }) => answers(`You said: ${question}`),
    setOnline: (online) => (online ? worker.join(url) : worker.leave()),
    async restartServer(whileGone) {
      await worker.leave();
      await server.close(0);
      await whileGone?.();
      server = await open(Number(new URL(url).port));
      await worker.join(url);
    },
    async say(user, text) {
      const headers = { "content-type": "application/json" };
      const body = JSON.stringify({ user, text });
      const answer = await fetch(`${url}/sim/text`, { method: "POST", headers, body });
      const said = (await answer.json()) as { message?: number; error?: string };
      if (said.message === undefined) throw new Error(said.error);
      return said.message;
    },
    async [Symbol.asyncDispose]() {
      await bot.stop();
      await worker.leave();
      await server.close(0);
      await simulator[Symbol.asyncDispose]();
    },
  };
  return house;
}

function configOf({ home, titles = false, machineWaitMs }: StagedOptions, port: number) {
  const config = readConfig({
    HOST: "127.0.0.1",
    PORT: String(port),
    STARAI_HOME: home,
    // No vocabulary is opened: the played machine tells no token ids, so usage is estimated from its text.
    STARAI_MODELS: path.join(home, "models"),
    STARAI_BOT_KEY: BOT_KEY,
    STARAI_DEFAULT_MODEL: STAGED_MODEL,
    STARAI_TITLES: titles ? "on" : "off",
    BOT_TOKEN: TOKEN,
    BOT_USERNAME: "starai_bot",
  });
  return machineWaitMs === undefined ? config : { ...config, limits: { ...config.limits, machineWaitMs } };
}
