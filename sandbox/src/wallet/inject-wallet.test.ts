import { Hono } from "hono";
import { compress } from "hono/compress";
import { expect, test } from "vitest";
import { injectWallet } from "./inject-wallet.ts";

const PAGE = `<!doctype html><html><head><title>App</title></head><body>${"words ".repeat(400)}</body></html>`;
const app = new Hono()
  .use(injectWallet())
  .use("/app/*", compress())
  .get("/app/", (c) => c.html(PAGE))
  .get("/app/shared.html", (c) => c.html(PAGE));

test.each(["gzip", "identity"])("the app's page carries the wallet's script, sent as %s", async (encoding) => {
  const answer = await app.request("/app/", { headers: { "accept-encoding": encoding } });
  expect(answer.headers.get("content-encoding")).toBeNull();
  expect(answer.headers.get("content-type")).toContain("text/html");
  const html = await answer.text();
  expect(html).toBe(PAGE.replace("<head>", '<head><script src="/wallet/inject.js"></script>'));
});

test("no other page does, and an error stays what it is", async () => {
  expect(await (await app.request("/app/shared.html")).text()).toBe(PAGE);
  expect((await app.request("/app/index.html")).status).toBe(404);
});
