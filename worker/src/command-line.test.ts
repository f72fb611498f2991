import { expect, test } from "vitest";
import { readCommandLine } from "./command-line.ts";
import { readConfig } from "./config.ts";
import { apiBaseOf, poolUrlOf } from "./pool-address.ts";

test("a pool is named by any of its addresses", () => {
  expect(poolUrlOf("https://pool.example")).toBe("wss://pool.example/pool");
  expect(poolUrlOf("http://127.0.0.1:8080/")).toBe("ws://127.0.0.1:8080/pool");
  expect(poolUrlOf("wss://pool.example/starai/pool")).toBe("wss://pool.example/starai/pool");
  for (const wrong of ["pool.example", "ftp://pool.example", "", "javascript:alert(1)"])
    expect(poolUrlOf(wrong)).toBeNull();
});

test("its HTTP API is beside its socket", () => {
  expect(apiBaseOf("wss://pool.example/pool")).toBe("https://pool.example");
  expect(apiBaseOf("ws://127.0.0.1:8080/starai/pool")).toBe("http://127.0.0.1:8080/starai");
});

test("--pool counts before the environment, and neither may be anything else", () => {
  const env = { HOME: "/home/anna", STARAI_POOL_URL: "https://one.example" };
  expect(readConfig(env).poolUrl).toBe("wss://one.example/pool");
  expect(readConfig(env, { pool: "https://two.example" }).poolUrl).toBe("wss://two.example/pool");
  expect(() => readConfig(env, { pool: "two" })).toThrow(/--pool "two" is not the pool's address, such as https/);
  expect(() => readConfig({ ...env, STARAI_POOL_URL: "one" })).toThrow(/STARAI_POOL_URL: the pool's address/);
});

test("limits and electricity come from the environment, and each fault is a sentence", () => {
  const env = { HOME: "/home/anna" };
  const set = {
    STARAI_HOURS: "22-07",
    STARAI_MAX_TEMPERATURE: "80",
    STARAI_MEMORY_SHARE: "50",
    STARAI_PAUSE_WHEN_USED: "on",
    STARAI_WATTS: "120",
    STARAI_KWH_PRICE: "0.3",
  };
  expect(readConfig({ ...env, ...set })).toMatchObject({
    limits: { hours: { from: 1_320, to: 420 }, temperatureMaxC: 80, pausesWhenUsed: true },
    memorySharePercent: 50,
    power: { watts: 120, kwhPrice: 0.3 },
  });
  const wrong = {
    STARAI_HOURS: "night",
    STARAI_MAX_TEMPERATURE: "hot",
    STARAI_MEMORY_SHARE: "0",
    STARAI_PAUSE_WHEN_USED: "yes",
    STARAI_WATTS: "-1",
    STARAI_KWH_PRICE: "x",
  };
  expect(() => readConfig({ ...env, ...wrong })).toThrow(
    /STARAI_HOURS: hours of the day[\s\S]*degrees Celsius, a whole number from 30 to 110[\s\S]*from 1 to 100[\s\S]*on or off[\s\S]*watts[\s\S]*dollars/,
  );
});

test("each command takes its own options and no others", () => {
  expect(readCommandLine(["start", "--pool", "https://pool.example"])).toMatchObject({
    command: "start",
    options: { pool: "https://pool.example" },
  });
  expect(readCommandLine(["pull", "a", "b"]).words).toEqual(["a", "b"]);
  expect(readCommandLine([]).command).toBe("help");
  expect(readCommandLine(["start", "--help"]).command).toBe("help");
  expect(() => readCommandLine(["start", "--owner", "x"])).toThrow(
    /start has no option --owner, only --pool, --home, --engine, --model, --memory, --split, --owner-code, --another: npm run worker -- help/,
  );
  expect(() => readCommandLine(["start", "now"])).toThrow(/start does not take the word "now"/);
  expect(() => readCommandLine(["start", "--pool"])).toThrow(/has no value/);
  expect(() => readCommandLine(["dance"])).toThrow(/Unknown command "dance"/);
  expect(() => readCommandLine(["--dance"])).toThrow(/Unknown option --dance/);
});
