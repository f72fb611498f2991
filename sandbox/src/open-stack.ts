/** The whole product in one process and its children: server, simulated Telegram, bot, one local worker. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Hono } from "hono";
import { every } from "hono/combine";
import { pino } from "pino";
import type { Logger } from "pino";
import { startBot } from "@starai/bot/start-bot";
import type { RunningBot } from "@starai/bot/start-bot";
import { modelsFolder } from "@starai/protocol/cache-folder";
import { logOptions } from "@starai/protocol/log-options";
import { POOL_PATH } from "@starai/protocol/worker-frames";
import { createServerClient } from "@starai/server/client";
import { readConfig } from "@starai/server/config";
import { lockDataFolder } from "@starai/server/db/data-folder-lock";
import { storeApiKey } from "@starai/server/gateway/api-keys";
import { startServer } from "@starai/server/start";
import type { RunningServer } from "@starai/server/start";
import { loadIdentity } from "@starai/worker/identity";
import { chooseModel } from "./choose-model.ts";
import type { ChosenModel } from "./choose-model.ts";
import { fundFreeAnswers } from "./fund-free-answers.ts";
import { joinWords } from "./join-words.ts";
import type { Joining } from "./join-words.ts";
import { LocalWorker } from "./local-worker.ts";
import { originGuard } from "./origin-guard.ts";
import { ownMachine } from "./own-machine.ts";
import { ownWorkerFolder } from "./own-worker-folder.ts";
import { loadSecrets } from "./secrets.ts";
import type { Secrets } from "./secrets.ts";
import type { Steps } from "./steps.ts";
import { simulatedTelegram } from "./telegram/simulated-telegram.ts";
import { openSimulator } from "./telegram/open-simulator.ts";
import type { Simulator } from "./telegram/open-simulator.ts";
import { ChainClock } from "./ton/chain-clock.ts";
import { pagesAt, sandboxChain } from "./ton/chain-of.ts";
import { Ton } from "./ton/ton.ts";
import { devWallet } from "./wallet/dev-wallet.ts";
import { injectWallet } from "./wallet/inject-wallet.ts";

type Variables = Record<string, string | undefined>;

/** Drain time at close: without the worker no run can end, so this only has to store partial answers. */
const DRAIN_MS = 1_000;
const LOG_BYTES_MAX = 16 * 1024 * 1024;

export interface OpenStack {
  /** The address for the person: the page, or the bot in Telegram. */
  readonly page: string;
  readonly url: string;
  readonly apiKey: string;
  readonly model: string;
  readonly logFile: string;
  readonly log: Logger;
  /** Resolves to null when the worker has joined, or to the reason it could not. The stack runs either way. */
  readonly modelTrouble: Promise<string | null>;
  close(): Promise<void>;
}

/**
 * @param lost  called when the stack can no longer run
 * @throws when the folder is in use, the port is taken, the database does not come up, or Telegram refuses the
 *   token.
 */
export async function openStack(
  home: string,
  env: Variables,
  steps: Steps,
  lost: (why: Error) => void,
): Promise<OpenStack> {
  const closers: (() => PromiseLike<unknown>)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    return await open();
  } catch (error) {
    await close();
    throw error;
  }

  async function open(): Promise<OpenStack> {
    fs.mkdirSync(home, { recursive: true, mode: 0o755 });
    const lock = await lockDataFolder(home);
    closers.push(() => lock[Symbol.asyncDispose]());
    const workerFolder = env.STARAI_WORKER_HOME ?? ownWorkerFolder(home);
    const secrets = loadSecrets(home);
    const logFile = path.join(home, "starai.log");
    const log = openLog(logFile, env);
    const models = modelsFolder(env, os.homedir());
    const chosen = await chooseModel(env.STARAI_MODEL, models);
    if (chosen.reason !== null)
      steps.done(`the model is ${chosen.model.id}: ${chosen.reason}; set STARAI_MODEL to choose another`);

    const simulator = env.BOT_TOKEN
      ? null
      : openSimulator({
          folder: path.join(home, "telegram"),
          token: secrets.simulatorToken,
          firstRequest: { apiKey: secrets.apiKey, model: chosen.model.id },
        });
    if (simulator) closers.push(() => simulator[Symbol.asyncDispose]());
    const tonFolder = path.join(home, "ton");
    const ton = new Ton({ folder: tonFolder, clock: new ChainClock(tonFolder), log });
    closers.push(() => ton[Symbol.asyncDispose]());
    let server: RunningServer | null = null;
    let modelComes = true;
    const tellServer = () => server?.ctx.registry.expect(chosen.model.id, modelComes);
    const worker = new LocalWorker({
      env: {
        ...env,
        STARAI_HOME: home,
        STARAI_WORKER_HOME: workerFolder,
        STARAI_MODELS: models,
        STARAI_MODEL: chosen.name,
      },
      model: chosen.model,
      log,
      steps,
      onNotice: (notice) => {
        // Requests wait while the model downloads or loads; when it cannot, they are refused with a reason.
        modelComes = notice.kind !== "no-model";
        tellServer();
        simulator?.telegram.feed.emit({ type: "notice", notice });
      },
    });
    closers.push(() => worker.stop());
    // The model loads while the server does: each takes seconds.
    const listening = (url: string) => worker.start(url.replace(/^http/, "ws") + POOL_PATH);
    server = await openServer({ home, env, secrets, models, chosen, simulator, ton, log, lost, listening });
    closers.push(() => server.close(DRAIN_MS));
    tellServer();
    await storeApiKey(server.ctx, { key: secrets.apiKey, name: "sandbox" });
    steps.done("database and server are up");

    const bot = await openBot({ env, secrets, server, log });
    const page = simulator ? `${server.url}/` : `https://t.me/${bot.username}`;
    steps.done(`the bot is up; ${page} can be opened while the model gets ready`);

    sayNotice(ton, steps, log);
    listening(server.url);
    const owning = ownLocalWorker({ server, ton, folder: workerFolder, log });
    closers.push(() => owning);
    closers.push(() => Promise.all([bot.stop(), worker.stop()]));
    return {
      page,
      url: server.url,
      apiKey: secrets.apiKey,
      model: chosen.model.id,
      logFile,
      log,
      modelTrouble: troubleWords(worker, server, { home, model: chosen.model.id, memory: env.STARAI_MEMORY }),
      close,
    };
  }
}

async function troubleWords(worker: LocalWorker, server: RunningServer, joining: Joining): Promise<string | null> {
  const trouble = await worker.trouble;
  if (!trouble?.isLending) return trouble?.reason ?? null;
  return `${trouble.reason}. ${await joinWords(server, joining)}`;
}

/** The server deploys the contracts at the very first start; what is to be said of older ones is said after it. */
function sayNotice(ton: Ton, steps: Steps, log: Logger): void {
  ton
    .deployment()
    .then(() => ton.notice())
    .then((notice) => notice && steps.say(`· ${notice}`))
    .catch((error: unknown) => log.error({ err: error }, "the contracts could not be deployed"));
}

interface OwnParts {
  readonly server: RunningServer;
  readonly ton: Ton;
  /** The worker's, with its key. */
  readonly folder: string;
  readonly log: Logger;
}

/** In the background: nobody's start waits for a stake. */
async function ownLocalWorker({ server: { ctx, url }, ton, folder, log }: OwnParts): Promise<void> {
  try {
    const { key } = await loadIdentity(folder);
    const chain = await sandboxChain(ton, { urls: pagesAt(url) });
    await ownMachine(ctx, { ton, chain, worker: key });
    await fundFreeAnswers(ctx);
  } catch (error) {
    log.warn(
      { err: error },
      "this machine's worker is not staked, or free answers pay nobody: tried again at the next start",
    );
  }
}

interface ServerParts {
  readonly home: string;
  readonly env: Variables;
  readonly secrets: Secrets;
  readonly models: string;
  readonly chosen: ChosenModel;
  readonly simulator: Simulator | null;
  readonly ton: Ton;
  readonly log: Logger;
  readonly lost: (why: Error) => void;
  readonly listening: (url: string) => void;
}

function openServer({
  home,
  env,
  secrets,
  models,
  chosen,
  simulator,
  ton,
  log,
  lost,
  listening,
}: ServerParts): Promise<RunningServer> {
  const config = readConfig(
    {
      ...env,
      // The sandbox keeps a key on the disk and has no passwords, so it must never be reachable from other machines.
      HOST: "127.0.0.1",
      STARAI_HOME: home,
      STARAI_MODELS: models,
      STARAI_BOT_KEY: secrets.botKey,
      STARAI_DEFAULT_MODEL: chosen.model.id,
      // It needs no internet.
      STARAI_RATES: env.STARAI_RATES || "sandbox",
      ...(simulator ? { BOT_TOKEN: simulator.telegram.token, BOT_USERNAME: simulator.telegram.me.username } : {}),
    },
    chosen.extra,
  );
  const topUpInTelegram = env.TON_TOPUP_IN_TELEGRAM === "on";
  return startServer(config, {
    log,
    lost,
    listening,
    originGuard: every(originGuard(), injectWallet()),
    ...(simulator ? { telegram: simulatedTelegram(simulator) } : {}),
    chain: (url) => sandboxChain(ton, { urls: pagesAt(url), topUpInTelegram }),
    mount: () => {
      const routes = new Hono()
        .route("/", ton.routes)
        .route("/", devWallet({ ton, folder: path.join(home, "wallet") }));
      return simulator ? routes.route("/", simulator.routes) : routes;
    },
  });
}

interface BotParts {
  readonly env: Variables;
  readonly secrets: Secrets;
  readonly server: RunningServer;
  readonly log: Logger;
}

/** With BOT_TOKEN the bot connects to Telegram, otherwise to the simulator on the stack's own port. */
function openBot({ env, secrets, server, log }: BotParts): Promise<RunningBot> {
  const fetchInProcess = (input: string, init?: RequestInit) => server.app.request(input, init);
  return startBot({
    token: env.BOT_TOKEN ?? secrets.simulatorToken,
    ...(env.BOT_TOKEN ? {} : { apiRoot: server.url }),
    server: createServerClient({ baseUrl: server.url, botKey: secrets.botKey, fetch: fetchInProcess }),
    ...appUrlOf(env, server),
    mode: { kind: "polling" },
    log,
  });
}

/** The Mini App's address: the stack's own for the simulator; Telegram opens only a public https address. */
function appUrlOf(env: Variables, server: RunningServer): { appUrl?: string } {
  const appUrl = env.STARAI_APP_URL ?? (env.BOT_TOKEN ? undefined : `${server.url}/app/`);
  return appUrl === undefined ? {} : { appUrl };
}

/** Logs to a file, so that the terminal shows only what a person needs. */
function openLog(file: string, env: Variables): Logger {
  if (fs.existsSync(file) && fs.statSync(file).size > LOG_BYTES_MAX) fs.renameSync(file, `${file}.old`);
  return pino(logOptions(env.STARAI_LOG_LEVEL ?? "info"), pino.destination({ dest: file, sync: true }));
}
