/**
 * The whole product with the simulator and one worker that plays a script; server, routes, pool socket, bot and page
 * are the real ones. For browser tests, screenshots and benchmarks.
 */
import path from "node:path";
import { Hono } from "hono";
import type { MiddlewareHandler } from "hono";
import { every } from "hono/combine";
import { pino } from "pino";
import { logOptions } from "@starai/protocol/log-options";
import { startBot } from "@starai/bot/start-bot";
import { loadCatalogue } from "@starai/protocol/catalogue";
import { createServerClient } from "@starai/server/client";
import type { Chain } from "@starai/server/chain/chain";
import type { MoneySettings } from "@starai/server/billing/money-settings";
import { readConfig } from "@starai/server/config";
import type { AppContext } from "@starai/server/context";
import type { OpenDatabase } from "@starai/server/db/open-database";
import { startServer } from "@starai/server/start";
import { answers } from "@starai/server/testing/scripted-thinking";
import type { Script } from "@starai/server/testing/scripted-thinking";
import { ownMachine } from "./own-machine.ts";
import { originGuard } from "./origin-guard.ts";
import { PlayedWorker } from "./played-worker.ts";
import { simulatedTelegram } from "./telegram/simulated-telegram.ts";
import { openSimulator } from "./telegram/open-simulator.ts";
import type { Simulator } from "./telegram/open-simulator.ts";
import { pagesAt, sandboxChain } from "./ton/chain-of.ts";
import { ChainClock } from "./ton/chain-clock.ts";
import { Ton } from "./ton/ton.ts";
import { devWallet } from "./wallet/dev-wallet.ts";
import { injectWallet } from "./wallet/inject-wallet.ts";

const TOKEN = "7000000001:AAstaged-stack-token-0123456789abcdef";
const BOT_KEY = "the-bot-key-of-a-staged-stack-0123456789";
export const STAGED_MODEL = "qwen2.5-coder-1.5b";

export interface StagedOptions {
  /** The stack's own folder: holds the chats, and the database unless `database` is given. */
  home: string;
  /** An open database instead of an embedded one. */
  database?: OpenDatabase;
  port?: number;
  /** Runs before every route, after the origin guard; a benchmark may answer in the server's place here. */
  before?: MiddlewareHandler;
  /** Whether the script is also asked to name conversations, in their own form. */
  titles?: boolean;
  /** How long a question waits for a machine; as long as people are told where it is not given. */
  machineWaitMs?: number;
  /** The house's defaults for money, where they are not the code's. */
  money?: MoneySettings;
  /** An embedded network of its own with the contracts and the dev wallet on it, in `home`, and whether the chat may ask for coins. */
  ton?: { topUpInTelegram: boolean };
}

export interface StagedStack extends AsyncDisposable {
  /** The page's address; the Mini App is below it at `app/`. */
  readonly url: string;
  readonly ctx: AppContext;
  readonly simulator: Simulator;
  /** Null unless it was asked for. */
  readonly ton: Ton | null;
  /** The model's answers from now on. */
  script: Script;
  /** Connects the worker to the pool or disconnects it. */
  setOnline(online: boolean): Promise<void>;
  /** Stops the server as a deployment does and starts it again at the same address; the bot stays. */
  restartServer(whileGone?: () => Promise<void>): Promise<void>;
  /** Sends the bot a message from a person. Resolves to the message's id. */
  say(user: number, text: string): Promise<number>;
}

export async function openStagedStack(options: StagedOptions): Promise<StagedStack> {
  const log = pino(logOptions(process.env.STARAI_LOG_LEVEL ?? "silent"));
  const simulator = openSimulator({ folder: path.join(options.home, "telegram"), token: TOKEN });
  const tonFolder = path.join(options.home, "ton");
  const ton = options.ton ? new Ton({ folder: tonFolder, clock: new ChainClock(tonFolder), log }) : null;
  const open = (port: number) =>
    startServer(configOf(options, port), {
      ...(ton ? { chain: (at: string) => chainAt(ton, at, options) } : {}),
      log,
      originGuard: every(originGuard(), ...(ton ? [injectWallet()] : []), ...(options.before ? [options.before] : [])),
      mount: () => (ton ? chainRoutes(ton, options.home).route("/", simulator.routes) : simulator.routes),
      telegram: simulatedTelegram(simulator),
      ...(options.database ? { database: options.database } : {}),
      ...(options.money ? { money: options.money } : {}),
    });
  let server = await open(options.port ?? 0);
  const { url } = server;
  const sha256 = loadCatalogue().get(STAGED_MODEL)?.sha256 ?? "";
  const worker = new PlayedWorker({ id: STAGED_MODEL, sha256 }, (job) => stack.script(job));
  await worker.join(url);
  // Paid answers have a machine, as in `npm start`.
  if (ton) await ownMachine(server.ctx, { ton, chain: await chainAt(ton, url, options), worker: worker.keys.key });
  const bot = await startBot({
    token: TOKEN,
    apiRoot: url,
    server: createServerClient({ baseUrl: url, botKey: BOT_KEY }),
    appUrl: `${url}/app/`,
    mode: { kind: "polling" },
    log,
  });
  const stack: StagedStack = {
    url: `${url}/`,
    get ctx() {
      return server.ctx;
    },
    simulator,
    ton,
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
      const sent = (await answer.json()) as { message?: number; error?: string };
      if (sent.message === undefined) throw new Error(sent.error);
      return sent.message;
    },
    async [Symbol.asyncDispose]() {
      await bot.stop();
      await worker.leave();
      await server.close(0);
      await ton?.[Symbol.asyncDispose]();
      await simulator[Symbol.asyncDispose]();
    },
  };
  return stack;
}

function chainAt(ton: Ton, url: string, { ton: terms }: StagedOptions): Promise<Chain> {
  return sandboxChain(ton, { urls: pagesAt(url), ...terms });
}

/** The chain's own pages, and the wallet of this machine. */
function chainRoutes(ton: Ton, home: string): Hono {
  return new Hono().route("/", ton.routes).route("/", devWallet({ ton, folder: path.join(home, "wallet") }));
}

function configOf({ home, titles = false, machineWaitMs }: StagedOptions, port: number) {
  const config = readConfig({
    HOST: "127.0.0.1",
    PORT: String(port),
    STARAI_HOME: home,
    // Empty, so that no vocabulary is opened: the worker sends no token ids, and usage is estimated from its text.
    STARAI_MODELS: path.join(home, "models"),
    STARAI_BOT_KEY: BOT_KEY,
    STARAI_DEFAULT_MODEL: STAGED_MODEL,
    STARAI_RATES: "sandbox",
    STARAI_TITLES: titles ? "on" : "off",
    BOT_TOKEN: TOKEN,
    BOT_USERNAME: "starai_bot",
  });
  return machineWaitMs === undefined ? config : { ...config, limits: { ...config.limits, machineWaitMs } };
}
