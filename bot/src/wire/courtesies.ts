/**
 * Courtesies are optional calls: the answer to a tap, "typing…", a draft, a reaction. Telegram rejects them
 * when they are late; the handler must continue all the same, so their failure is a result instead of an error.
 */
import type { Transformer } from "grammy";
import type { Logger } from "pino";

const COURTESIES: ReadonlySet<string> = new Set([
  "answerCallbackQuery",
  "sendChatAction",
  "sendMessageDraft",
  "sendRichMessageDraft",
  "setMessageReaction",
]);

/** Such a call's result is true if Telegram accepted it, and false instead of an error if not. */
export function courtesies(log: Logger): Transformer {
  return async (call, method, payload, signal) => {
    if (!COURTESIES.has(method)) return call(method, payload, signal);
    try {
      const answer = await call(method, payload, signal);
      if (answer.ok) return answer;
      log.info({ method, refusal: answer.description }, "Telegram did not take a courtesy; the work goes on");
    } catch (error) {
      log.info({ err: error, method }, "a courtesy did not reach Telegram; the work goes on");
    }
    return { ok: true, result: false as never };
  };
}
