import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { TEST_TOKEN, testSimulator } from "../testing/simulator.ts";

/** Telegram's published check, written independently of the signing code. */
function isGenuine(initData: string, token: string): boolean {
  const fields = [...new URLSearchParams(initData)];
  const hash = fields.find(([key]) => key === "hash")?.[1];
  const lines = fields.filter(([key]) => key !== "hash").map(([key, value]) => `${key}=${value}`);
  const secret = createHmac("sha256", "WebAppData").update(token).digest();
  return createHmac("sha256", secret).update(lines.sort().join("\n")).digest("hex") === hash;
}

test("launch data contains the person and passes Telegram's own check", async () => {
  await using sim = testSimulator();
  await sim.sim("user", { user: 7, name: "Zoë Ж", language: "ru" });
  const { body } = await sim.sim("launch", { user: 7, url: "http://localhost:3000/app#/route", startParam: "ref_1" });
  const initData = String(body.initData);
  expect(isGenuine(initData, TEST_TOKEN)).toBe(true);
  expect(isGenuine(initData, `${TEST_TOKEN}x`)).toBe(false);
  expect(isGenuine(initData.replace("ref_1", "ref_2"), TEST_TOKEN)).toBe(false);
  const fields = new URLSearchParams(initData);
  expect(JSON.parse(fields.get("user") ?? "")).toMatchObject({ id: 7, first_name: "Zoë Ж", language_code: "ru" });
  expect(Number(fields.get("auth_date"))).toBe(sim.time.now / 1_000);
  const url = new URL(String(body.url));
  expect(url.searchParams.get("tgWebAppStartParam")).toBe("ref_1");
  expect(url.hash.startsWith("#/route?")).toBe(true);
  expect(new URLSearchParams(url.hash.slice("#/route?".length)).get("tgWebAppData")).toBe(initData);
});

test("a launch from a message opens the address of its button, and only an app's", async () => {
  await using sim = testSimulator();
  await sim.sim("text", { user: 7, text: "hi" });
  const inline_keyboard = [
    [{ text: "Open", web_app: { url: "https://example.com/app" } }],
    [{ text: "No", callback_data: "no" }],
  ];
  const sent = await sim.ok<{ message_id: number }>("sendMessage", {
    chat_id: 7,
    text: "x",
    reply_markup: { inline_keyboard },
  });
  const launch = (wish: object) => sim.sim("launch", { user: 7, ...wish });
  expect(String((await launch({ message: sent.message_id })).body.url)).toMatch(
    /^https:\/\/example\.com\/app#tgWebAppData=/,
  );
  expect((await launch({ message: sent.message_id, button: "No" })).status).toBe(400);
  expect((await launch({})).body.error).toContain("menu button");
  for (const url of ["javascript:alert(1)", "http://example.com", "file:///etc/passwd"])
    expect((await launch({ url })).status).toBe(400);
  await sim.ok("setChatMenuButton", {
    menu_button: { type: "web_app", text: "App", web_app: { url: "https://example.com/menu" } },
  });
  expect(String((await launch({})).body.url)).toMatch(/^https:\/\/example\.com\/menu#/);
});
