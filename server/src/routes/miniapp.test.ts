import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestApp } from "../testing/app.ts";
import type { TestApp } from "../testing/app.ts";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "starai-miniapp-"));
const dist = path.join(folder, "dist");
let stack: TestApp;

beforeAll(async () => {
  stack = await openTestApp({ STARAI_MINIAPP: dist });
});
afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  fs.rmSync(folder, { recursive: true });
});

test("without a build /app/ explains how to make one; with one, it serves the build's files and no others", async () => {
  const early = await stack.app.request("/app/");
  expect(early.status).toBe(503);
  expect(await early.text()).toContain("npm run build");

  fs.mkdirSync(path.join(dist, "assets"), { recursive: true });
  fs.writeFileSync(path.join(dist, "index.html"), "<!doctype html>the app");
  fs.writeFileSync(path.join(dist, "assets/main-1a2b3c.js"), "export {}");
  fs.writeFileSync(path.join(folder, "secret"), "secret");

  expect((await stack.app.request("/app")).headers.get("location")).toBe("/app/");
  const page = await stack.app.request("/app/");
  expect(await page.text()).toContain("the app");
  expect(page.headers.get("cache-control")).toBe("no-cache");
  expect(page.headers.get("content-security-policy")).toMatch(
    /default-src 'self'.*script-src 'self';.*frame-ancestors/,
  );
  const script = await stack.app.request("/app/assets/main-1a2b3c.js");
  expect(script.headers.get("cache-control")).toContain("immutable");
  expect(script.headers.get("content-type")).toContain("javascript");
  for (const out of ["/app/../secret", "/app/%2e%2e/secret", "/app/..%2fsecret", "/app/assets/..%5c..%5csecret"]) {
    const answer = await stack.app.request(out);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(await answer.text()).not.toBe("secret");
  }
  expect((await stack.app.request("/app/nothing.js")).status).toBe(404);
});

test("any page may read by which manifest wallets know the app, and a page without a chain talks to nobody else", async () => {
  const manifest = await stack.app.request("https://app.test/tonconnect-manifest.json");
  expect(manifest.headers.get("access-control-allow-origin")).toBe("*");
  expect(await manifest.json()).toEqual({
    url: "https://app.test",
    name: "StarAI",
    iconUrl: "https://app.test/app/icon.png",
    termsOfUseUrl: "https://app.test/app/#/terms",
    privacyPolicyUrl: "https://app.test/app/#/privacy",
  });
  const policy = (await stack.app.request("/app/")).headers.get("content-security-policy");
  expect(policy).toContain("connect-src 'self';");
});
