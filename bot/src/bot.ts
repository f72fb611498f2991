/** Assembles the bot: which handlers process an update, in which order. No side effects; start-bot.ts runs it. */
import { autoRetry } from "@grammyjs/auto-retry";
import { Api, Bot } from "grammy";
import type { ApiClientOptions } from "grammy";
import type { UserFromGetMe } from "grammy/types";
import type { Logger } from "pino";
import { languageOf, translator } from "@starai/protocol/texts";
import type { ServerClient } from "@starai/server/client";
import { Unfinished } from "./context.ts";
import type { BotContext, BotDeps, Paces } from "./context.ts";
import { Crossings } from "./crossings.ts";
import { balanceFeature } from "./features/balance.ts";
import { cancelMoneyFeature } from "./features/cancel-money.ts";
import { capsFeature } from "./features/caps.ts";
import { chatFeature } from "./features/chat.ts";
import { continueFeature } from "./features/continue.ts";
import { deleteDataFeature } from "./features/delete-data.ts";
import { groupFeature } from "./features/group.ts";
import { editedFeature } from "./features/edited.ts";
import { helpFeature } from "./features/help.ts";
import { keysFeature } from "./features/keys.ts";
import { modelFeature } from "./features/model.ts";
import { newThreadFeature } from "./features/new-thread.ts";
import { openAppFeature } from "./features/open-app.ts";
import { payTermsFeature } from "./features/pay-terms.ts";
import { personaFeature } from "./features/persona.ts";
import { privacyFeature } from "./features/privacy.ts";
import { settingsFeature } from "./features/settings.ts";
import { startFeature } from "./features/start.ts";
import { stepsFeature } from "./features/steps.ts";
import { stopFeature } from "./features/stop.ts";
import { topUpFeature } from "./features/top-up.ts";
import { unknownCommandFeature } from "./features/unknown-command.ts";
import { gatherParts } from "./intake/gather-parts.ts";
import { fileReader } from "./intake/read-file.ts";
import { Lanes } from "./lanes.ts";
import { faultHandler } from "./middlewares/faults.ts";
import { inLanes } from "./middlewares/in-lanes.ts";
import { markHandled } from "./middlewares/mark-handled.ts";
import { paymentUpdates } from "./payments/payment-updates.ts";
import { isBot } from "./person.ts";
import { courtesies } from "./wire/courtesies.ts";
import { MovedChats } from "./wire/moved-chats.ts";
import { wellFormed } from "./wire/well-formed.ts";

/**
 * Drafts fade after 30 s and may change often; edits in a group are limited to 20 a minute. An answer that was not
 * taken is sent again after 1, 2, 4 … 30 s: soon after a short outage, and no burden in a long one.
 */
export const PACES: Paces = {
  draft: { everyMs: 400, keepAliveMs: 20_000 },
  edit: { everyMs: 3_000, keepAliveMs: null },
  retry: { firstMs: 1_000, maxMs: 30_000 },
};
/** With auto-retry's back-off from 3 s, five tries wait a minute and a half in all. */
const RETRY = { maxRetryAttempts: 5, maxDelaySeconds: 120, rethrowHttpErrors: true };
/** A preview that takes this long is out of date. */
const PREVIEW_TIMEOUT_S = 10;
/** Timeout for answers, long because resending one that did arrive would show it twice. */
const ANSWER_TIMEOUT_S = 60;

export interface BotOptions {
  token: string;
  /** Where the Bot API is; Telegram's own by default. */
  apiRoot?: string;
  /** In place of the network, e.g. a Bot API in this process. */
  fetch?: typeof fetch;
  server: ServerClient;
  /** Of the Mini App, e.g. `https://starai.example/app/`; `null` where there is none. */
  appUrl: string | null;
  /** Who answers about payments, e.g. `@starai_support`; `null` where nobody is named. */
  support: string | null;
  log: Logger;
  paces?: Paces;
  stopping: AbortSignal;
  /** The result of getMe; fetched when missing. */
  botInfo?: UserFromGetMe;
}

/** Creates the bot and its handlers' dependencies, which work outside updates needs too. */
export function createBot(options: BotOptions): { bot: Bot<BotContext>; deps: BotDeps } {
  const client = clientOptions(options);
  const bot = new Bot<BotContext>(options.token, { client, ...(options.botInfo ? { botInfo: options.botInfo } : {}) });
  const moved = new MovedChats();
  // The first is the innermost: a failed courtesy is a result to the outer ones, so nothing retries it.
  bot.api.config.use(wellFormed, courtesies(options.log), moved.follow, autoRetry(RETRY));
  const live = new Api(options.token, { ...client, timeoutSeconds: PREVIEW_TIMEOUT_S });
  live.config.use(wellFormed);
  const answers = new Api(options.token, { ...client, timeoutSeconds: ANSWER_TIMEOUT_S });
  answers.config.use(wellFormed, moved.follow);
  const deps: BotDeps = {
    server: options.server,
    log: options.log,
    live,
    answers,
    lanes: new Lanes(),
    crossings: new Crossings(),
    moved,
    readFile: fileReader(bot.api, options),
    appUrl: options.appUrl,
    support: options.support,
    pace: options.paces ?? PACES,
    stopping: options.stopping,
  };
  compose(bot, deps);
  return { bot, deps };
}

function compose(bot: Bot<BotContext>, deps: BotDeps): void {
  bot.use((ctx, next) => {
    ctx.language = languageOf(ctx.from?.language_code);
    ctx.t = translator(ctx.language);
    return next();
  });
  // Before everything that waits, is full or forgets: money is never kept from its payer by any of it.
  bot.use(paymentUpdates(deps));
  bot.use(gatherParts(deps), inLanes(deps), markHandled(deps));
  const features = bot.errorBoundary(faultHandler(deps));
  features.filter(isBot, () => undefined);
  features.filter(
    (ctx) => ctx.crowded === true,
    (ctx) => ctx.reply(ctx.t("chat.too_many")),
  );
  features.use(stopFeature(deps), startFeature(deps), helpFeature(), privacyFeature(), deleteDataFeature(deps));
  features.use(topUpFeature(deps), balanceFeature(deps), payTermsFeature(deps), cancelMoneyFeature(deps));
  features.use(keysFeature(deps), capsFeature(deps));
  features.use(newThreadFeature(deps), openAppFeature(deps), settingsFeature(deps));
  features.use(modelFeature(deps), personaFeature(deps), stepsFeature(deps), continueFeature(deps));
  features.use(groupFeature(deps), unknownCommandFeature(deps), chatFeature(deps), editedFeature(deps));
  features.on("callback_query", (ctx) => ctx.answerCallbackQuery({ text: ctx.t("button.stale") }));
  bot.catch(({ error, ctx }) => {
    const level = error instanceof Unfinished ? "info" : "error";
    deps.log[level]({ err: error, update: ctx.update.update_id }, "an update is left for the next start");
  });
}

function clientOptions({ apiRoot, fetch }: BotOptions): ApiClientOptions {
  return {
    ...(apiRoot === undefined ? {} : { apiRoot }),
    ...(fetch === undefined ? {} : { fetch: fetch as NonNullable<ApiClientOptions["fetch"]> }),
  };
}
