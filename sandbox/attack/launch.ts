/** Init data as Telegram signs it when it opens the Mini App, for valid and for odd launches. */
import { createHmac, randomBytes } from "node:crypto";
import { BOT_TOKEN } from "./keys.ts";

/** Opens a session by a valid launch and returns its token. @throws when the server rejects the launch */
export async function openSession(url: string, telegramId: number): Promise<string> {
  const user = JSON.stringify({ id: telegramId, first_name: "Ann", language_code: "en" });
  const response = await postLaunch(
    url,
    signed({ user, auth_date: String(Math.floor(Date.now() / 1000)), signature: "AA" }),
  );
  if (!response.ok) throw new Error(`a valid launch was answered ${response.status}: ${await response.text()}`);
  return ((await response.json()) as { token: string }).token;
}

/** Posts the init data from a new device. */
export function postLaunch(url: string, initData: string): Promise<Response> {
  return fetch(`${url}/api/session`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ initData, device: randomBytes(32).toString("base64url") }),
  });
}

/** @see https://core.telegram.org/bots/webapps#validating-data-received-via-the-mini-app */
export function signed(fields: Record<string, string>): string {
  const all = { query_id: randomBytes(6).toString("hex"), ...fields };
  const lines = Object.entries(all)
    .map(([name, value]) => `${name}=${value}`)
    .sort();
  const secret = createHmac("sha256", "WebAppData").update(BOT_TOKEN).digest();
  const hash = createHmac("sha256", secret).update(lines.join("\n")).digest("hex");
  return new URLSearchParams({ ...all, hash }).toString();
}
