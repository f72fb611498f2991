import http from "node:http";
import { expect, test } from "vitest";
import { serve } from "@hono/node-server";
import * as fc from "fast-check";
import { Hono } from "hono";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { serveSimulator } from "../tests/serve-simulator.ts";
import { originGuard } from "./origin-guard.ts";

/** Sends exactly these headers, as a browser or an attacker might; `fetch` does not allow it. */
function status(base: string, path: string, headers: Record<string, string>, method = "GET"): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = http.request(`${base}${path}`, { method, headers }, (response) => {
      response.destroy();
      resolve(response.statusCode ?? 0);
    });
    request.on("error", reject);
    request.end(method === "POST" ? "{}" : undefined);
  });
}

const ROUTES = ["/", "/page/main.js", "/sim/users", "/sim/events", "/bot1:x/getMe", "/file/bot1:x/files/x"];

test("its own page and scripts on this machine are let in, by every name of this machine", async () => {
  await using sim = await serveSimulator();
  const { port } = new URL(sim.base);
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`]) {
    expect(await status(sim.base, "/sim/users", { host })).toBe(200);
    expect(
      await status(sim.base, "/sim/users", { host, origin: `http://${host}`, "sec-fetch-site": "same-origin" }),
    ).toBe(200);
    expect(await status(sim.base, "/", { host, "sec-fetch-site": "none" })).toBe(200);
  }
});

test.each(ROUTES)("a foreign host, port, origin or site is kept out of %s", async (route) => {
  await using sim = await serveSimulator();
  const { port } = new URL(sim.base);
  const own = `127.0.0.1:${port}`;
  for (const headers of [
    { host: `evil.example:${port}` },
    { host: "127.0.0.1" },
    { host: `127.0.0.1:${Number(port) + 1}` },
    { host: `127.0.0.1.evil.example:${port}` },
    { host: own, origin: "https://evil.example" },
    { host: own, origin: "null" },
    { host: own, origin: `http://localhost:${port}` },
    { host: own, "sec-fetch-site": "cross-site" },
    { host: own, "sec-fetch-site": "same-site" },
  ])
    expect({ headers, status: await status(sim.base, route, headers) }).toEqual({ headers, status: 403 });
});

test("a foreign page cannot make a person write", async () => {
  await using sim = await serveSimulator();
  const headers = { origin: "https://evil.example", "content-type": "application/json" };
  const answer = await fetch(`${sim.base}/sim/text`, { method: "POST", headers, body: '{"user":1,"text":"x"}' });
  expect(answer.status).toBe(403);
  expect(await sim.transcript(1)).toEqual([]);
});

/** A server whose every route behind the guard answers 200. */
async function guardedServer() {
  const app = new Hono().use(originGuard()).all("*", (c) => c.text("in"));
  const http = await new Promise<Server>((resolve) => {
    const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, () => resolve(server as Server));
  });
  return {
    base: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

const FOREIGN = fc.record({
  host: fc.constantFrom("host.docker.internal:18601", "evil.example", "127.0.0.1"),
  origin: fc.constantFrom("app://obsidian.md", "moz-extension://6f1b", "https://evil.example", "null"),
  "sec-fetch-site": fc.constantFrom("cross-site", "same-site", "none"),
});

test("/v1, which needs a key, is let through from any host and Origin, and a path like it is not", async () => {
  await using server = await guardedServer();
  const Method = fc.constantFrom("GET", "POST", "OPTIONS");
  const Inside = fc.constantFrom("/v1", "/v1/models", "/v1/chat/completions", "/v1/%2e%2e/v1/models");
  const Outside = fc.constantFrom(
    "/",
    "/v1x",
    "/v10/models",
    "/V1/models",
    "/sim/v1/",
    "/v1/../sim/users",
    "/v1/%2e%2e/sim",
  );
  await fc.assert(
    fc.asyncProperty(FOREIGN, Method, Inside, Outside, async (headers, method, inside, outside) => {
      expect(await status(server.base, inside, headers, method)).toBe(200);
      expect(await status(server.base, outside, headers, method)).toBe(403);
    }),
    { numRuns: 40 },
  );
});
