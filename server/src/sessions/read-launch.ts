/** What Telegram signed when it opened the Mini App: who it is, and when. */
import { isValid, parse } from "@tma.js/init-data-node";
import { z } from "zod";
import { Refusal } from "../errors.ts";

export interface Launch {
  /** Of the whole init data: names this launch. */
  hash: string;
  at: Date;
  telegramId: number;
  name: string;
  language: string;
}

const User = z.object({
  id: z.int().positive(),
  first_name: z.string(),
  last_name: z.string().optional(),
  language_code: z
    .string()
    .regex(/^[A-Za-z0-9-]{2,35}$/)
    .default("en"),
});

/** @throws Refusal `unauthorised` for anything the bot's token did not sign */
export function readLaunch(initData: string, botToken: string): Launch {
  const fields = new URLSearchParams(initData);
  const [hash, ...others] = fields.getAll("hash");
  // A second hash beside the signed one would give one launch two names. 0 switches the library's own expiry off.
  if (hash === undefined || others.length > 0 || !isValid(fields, botToken, { expiresIn: 0 })) throw altered();
  const { auth_date: at, user } = parse(fields);
  const known = User.safeParse(user);
  if (!known.success) throw altered();
  const { id, first_name, last_name, language_code } = known.data;
  const name = `${first_name} ${last_name ?? ""}`.trim().slice(0, 200);
  return { hash, at, telegramId: id, name: name === "" ? String(id) : name, language: language_code };
}

function altered(): Refusal {
  return new Refusal("unauthorised", "Telegram did not sign this: open the app again from the chat.");
}
