/** `/join` on the whole application: its scripts, its archive, and what a hostile request makes of them. */
import http from "node:http";
import type { Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createHash } from "node:crypto";
import { serve } from "@hono/node-server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createApp } from "../app.ts";
import { openTestApp } from "../testing/app.ts";
import type { TestApp } from "../testing/app.ts";

let stack: TestApp;
beforeAll(async () => {
  stack = await openTestApp();
});
afterAll(() => stack[Symbol.asyncDispose]());

const POOL = "https://pool.example";
const archivePathIn = (script: string) => `/join/${/starai-[\w.-]+\.tar/.exec(script)?.[0] ?? "none"}`;

test.each([
  ["/join", "text/x-shellscript; charset=utf-8"],
  ["/join.ps1", "text/plain; charset=utf-8"],
])("%s names this pool, its archive and the sha256 of what that archive is", async (file, type) => {
  const answer = await stack.app.request(`${POOL}${file}`);
  expect({ status: answer.status, type: answer.headers.get("content-type") }).toEqual({ status: 200, type });
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  const script = await answer.text();
  expect(script).toContain(`pool${file === "/join" ? "=" : " = "}'${POOL}'`);
  expect(script).not.toMatch(/@[A-Z0-9]+@/);
  const archive = await stack.app.request(archivePathIn(script));
  const bytes = new Uint8Array(await archive.arrayBuffer());
  expect(script).toContain(`'${createHash("sha256").update(bytes).digest("hex")}'`);
});

test("the archive never changes under its name, is not sent to whoever has it, and answers HEAD", async () => {
  const file = archivePathIn(await (await stack.app.request("/join")).text());
  const { status, headers } = await stack.app.request(file, { method: "HEAD" });
  expect(status).toBe(200);
  expect(headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
  expect(headers.get("content-type")).toBe("application/x-tar");
  expect(Number(headers.get("content-length"))).toBeGreaterThan(1_000_000);
  const again = await stack.app.request(file, { headers: { "if-none-match": headers.get("etag") ?? "" } });
  expect({ status: again.status, text: await again.text() }).toEqual({ status: 304, text: "" });
});

test("no other file comes from there", async () => {
  for (const file of ["starai-0.1.0-000000000000.tar", "..%2f.env", "%2e%2e/package.json", ".env", "join.sh"]) {
    const answer = await stack.app.request(`/join/${file}`);
    expect({ file, status: answer.status }).toEqual({ file, status: 404 });
  }
  const old = await (await stack.app.request("/join/starai-0.1.0-000000000000.tar")).text();
  expect(old).toContain("run the command of /join again");
});

test("the configured origin counts, whatever Host a request brings", async () => {
  const { config } = stack.ctx;
  const ctx = { ...stack.ctx, config: { ...config, http: { ...config.http, publicOrigin: `${POOL}/` } } };
  const script = await (await createApp(ctx).request("http://evil.example/join")).text();
  expect(script).toContain(`pool='${POOL}'`);
  expect(script).not.toContain("evil.example");
});

test("behind a proxy, whose scheme is not known, there is no script without a configured origin", async () => {
  const { config } = stack.ctx;
  const ctx = { ...stack.ctx, config: { ...config, http: { ...config.http, behindProxy: true } } };
  const answer = await createApp(ctx).request(`${POOL}/join`);
  expect(answer.status).toBe(503);
  expect(await answer.text()).toContain("STARAI_PUBLIC_ORIGIN");
});

test("a Host with signs of a shell gets a refusal and no script", async () => {
  const server = serve({ fetch: stack.app.fetch, hostname: "127.0.0.1", port: 0 }) as Server;
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  for (const host of [
    "$(touch${IFS}x)",
    "a'b;id;'",
    "`id`",
    "a|b",
    "a\\b",
    "pool.example;id",
    "evil.example/x'",
    "a b",
  ]) {
    for (const file of ["/join", "/join.ps1"]) {
      const asked = http.get({ host: "127.0.0.1", port, path: file, headers: { host } });
      const [answer] = (await once(asked, "response")) as [http.IncomingMessage];
      const text = (await answer.setEncoding("utf8").toArray()).join("");
      expect({ host, status: answer.statusCode }).toEqual({ host, status: 400 });
      expect(text).not.toContain("sha256");
    }
  }
  server.closeAllConnections();
  server.close();
});
