/** Reads what Telegram signed when it opened the Mini App: the person and the time. */
import { isValid } from "@tma.js/init-data-node";
import { z } from "zod";
import { storable } from "../db/storable.ts";
import { Refusal } from "../errors.ts";

export interface Launch {
  /** Hash of the whole init data; identifies this launch. */
  hash: string;
  at: Date;
  telegramId: number;
  name: string;
  language: string;
}

/** Telegram's are about 500. */
const INIT_DATA_CHARS_MAX = 8_192;
/** Telegram's own limit for a first and a last name together is 128; a name is kept in one line of the app. */
const NAME_CHARS_MAX = 200;

const User = z.object({
  id: z.int().positive(),
  first_name: z.string(),
  last_name: z.string().catch(""),
  language_code: z
    .string()
    .regex(/^[A-Za-z0-9-]{2,35}$/)
    .catch("en"),
});

/** What we read of a launch. Clients older than Bot API 8.0 send no `signature`, and we have no use for one. */
const Fields = z.object({
  hash: z.string(),
  // Seconds; eleven digits reach the year 5138.
  auth_date: z.string().regex(/^\d{1,11}$/),
  user: z.string().transform(readJson).pipe(User),
});

/** @throws Refusal `unauthorised` for anything the bot's token did not sign, and for a launch that names nobody */
export function readLaunch(initData: string, botToken: string): Launch {
  if (initData.length > INIT_DATA_CHARS_MAX) throw altered();
  const fields = new URLSearchParams(initData);
  const names = [...fields.keys()];
  // A second hash beside the signed one would give one launch two names.
  if (new Set(names).size < names.length || !isSigned(fields, botToken)) throw altered();
  const { data, success } = Fields.safeParse(Object.fromEntries(fields));
  if (!success)
    throw new Refusal(
      "unauthorised",
      "This launch does not say who you are or when: open the app again from the chat.",
    );
  const { id, first_name, last_name, language_code } = data.user;
  const name = storable(`${first_name} ${last_name}`.trim().slice(0, NAME_CHARS_MAX));
  return {
    hash: data.hash,
    at: new Date(Number(data.auth_date) * 1_000),
    telegramId: id,
    name: name === "" ? String(id) : name,
    language: language_code,
  };
}

/** Whether the bot's token signed the fields; false too for data the library cannot read. */
function isSigned(fields: URLSearchParams, botToken: string): boolean {
  try {
    // 0 switches the library's own expiry off.
    return isValid(fields, botToken, { expiresIn: 0 });
  } catch {
    return false;
  }
}

/** Returns undefined for invalid JSON, which names nobody. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function altered(): Refusal {
  return new Refusal("unauthorised", "Telegram did not sign this: open the app again from the chat.");
}
