/**
 * Launch data of a Mini App, signed as Telegram signs it: `hash` with the bot's token, `signature` with an Ed25519
 * key, here the simulator's own, since only Telegram holds the real one.
 * @see https://core.telegram.org/bots/webapps#validating-data-received-via-the-mini-app
 */
import { createHmac, createPrivateKey, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";
import type { User } from "@grammyjs/types";

export interface Launch {
  readonly user: User;
  /** Set when the app may answer the chat by it; absent for launches from a keyboard button or a direct link. */
  readonly queryId?: string | undefined;
  /** Unix seconds. */
  readonly authDate: number;
  readonly startParam?: string | undefined;
}

/** Returns a query string with `hash` and `signature`. */
export function signInitData(launch: Launch, token: string): string {
  const { id, first_name, username, language_code } = launch.user;
  const fields = new Map<string, string>([
    ["auth_date", String(launch.authDate)],
    ...(launch.queryId === undefined ? [] : [["query_id", launch.queryId] as [string, string]]),
    ["user", JSON.stringify({ id, first_name, username, language_code, allows_write_to_pm: true })],
  ]);
  if (launch.startParam !== undefined) fields.set("start_param", launch.startParam);
  const botId = token.split(":")[0] ?? "";
  const signed = sign(null, Buffer.from(`${botId}:WebAppData\n${checkString(fields)}`), simulatorKey(token));
  fields.set("signature", signed.toString("base64url"));
  const secret = createHmac("sha256", "WebAppData").update(token).digest();
  fields.set("hash", createHmac("sha256", secret).update(checkString(fields)).digest("hex"));
  return new URLSearchParams([...fields]).toString();
}

function checkString(fields: ReadonlyMap<string, string>): string {
  const lines = [...fields].map(([key, value]) => `${key}=${value}`);
  return lines.sort().join("\n");
}

/** Derived from the token, so that one secret is enough to keep. */
function simulatorKey(token: string): KeyObject {
  const seed = createHmac("sha256", "simulator Ed25519 seed").update(token).digest();
  const pkcs8 = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
  return createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
}

/** The address a client opens: launch parameters go into the fragment, after a router's own fragment if any. */
export function launchUrl(
  appUrl: string,
  initData: string,
  look: { platform: string; theme: Record<string, string> },
  startParam?: string,
): string {
  const url = new URL(appUrl);
  if (startParam !== undefined) url.searchParams.set("tgWebAppStartParam", startParam);
  const parameters = new URLSearchParams({
    tgWebAppData: initData,
    tgWebAppVersion: "10.3",
    tgWebAppPlatform: look.platform,
    tgWebAppThemeParams: JSON.stringify(look.theme),
  });
  const fragment = url.hash.slice(1);
  url.hash =
    fragment === ""
      ? parameters.toString()
      : `${fragment}${fragment.includes("?") ? "&" : "?"}${parameters.toString()}`;
  return url.href;
}
