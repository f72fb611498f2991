/** Who speaks, as the server stores them. */
import type { BotContext } from "./context.ts";

const NAME_CHARS_MAX = 200;

export interface Person {
  telegramId: number;
  name: string;
  language: string;
}

/** `null` for updates nobody sent, such as channel posts. */
export function personOf(ctx: BotContext): Person | null {
  const from = ctx.from;
  if (!from) return null;
  const name = [from.first_name, from.last_name].filter(Boolean).join(" ").trim().slice(0, NAME_CHARS_MAX);
  const code = from.language_code ?? "";
  // The server refuses odd tags; a client's odd tag must not keep its owner from chatting.
  return {
    telegramId: from.id,
    name: name || String(from.id),
    language: /^[A-Za-z0-9-]{2,35}$/.test(code) ? code : "en",
  };
}
