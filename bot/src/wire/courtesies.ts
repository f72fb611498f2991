/**
 * Calls that are polite and nothing more: the answer to a tap, "typing…", a draft, a reaction. Telegram refuses them
 * when they come late; the handler's work must go on all the same, so here their failure is a result.
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

/** The result of such a call is true when Telegram took it, and false, where it would throw, when it did not. */
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
