/** Methods that answer a person's tap, inline query or Mini App query. */
import { z } from "zod";
import { method } from "../method.ts";
import { Flag, Text } from "../parameters.ts";
import { TelegramError } from "../telegram-error.ts";
import { countCharacters } from "../entities/formatted-text.ts";

const CALLBACK_TEXT_MAX = 200;

export const answerQueries = [
  method(
    "answerCallbackQuery",
    z.object({
      callback_query_id: Text.default(""),
      text: Text.optional(),
      show_alert: Flag.optional(),
      url: Text.optional(),
    }),
    (telegram, p) => {
      if (countCharacters(p.text ?? "") > CALLBACK_TEXT_MAX) throw TelegramError.badRequest("MESSAGE_TOO_LONG");
      const query = telegram.callbacks.answer(p.callback_query_id);
      telegram.feed.emit({
        type: "callback",
        chat: query.chat,
        user: query.user,
        text: p.text ?? "",
        alert: p.show_alert ?? false,
        url: p.url ?? null,
      });
      return true;
    },
  ),
  // Nothing in the simulator starts an inline, guest or Mini App query yet, so none of these ids can be open.
  method("answerInlineQuery", z.object({ inline_query_id: Text.default("") }), tooOld),
  method("answerWebAppQuery", z.object({ web_app_query_id: Text.default("") }), tooOld),
  method("answerGuestQuery", z.object({ guest_query_id: Text.default("") }), tooOld),
];

function tooOld(): never {
  throw TelegramError.badRequest("query is too old and response timeout expired or query ID is invalid");
}
