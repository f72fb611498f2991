import { expect, test } from "vitest";
import { readConfig } from "./config.ts";

const needed = { STARAI_HOME: "/data", STARAI_MODELS: "/models", STARAI_BOT_KEY: "k".repeat(32) };

test("the code's address is the operator's to set, and nothing is shown where it is not set", () => {
  expect(readConfig(needed).codeUrl).toBeNull();
  const codeUrl = "https://git.example/people/starai.git";
  expect(readConfig({ ...needed, STARAI_CODE_URL: codeUrl }).codeUrl).toBe(codeUrl);
});

test("an address that a shell would read as a command of its own is refused: lenders paste it into one", () => {
  for (const bad of [
    "https://x/$(id)",
    "https://x/a;id",
    "https://x/a b",
    "https://x/`id`",
    "http://x/a",
    "https://x/a&b",
    "https://x/\nid",
  ])
    expect(() => readConfig({ ...needed, STARAI_CODE_URL: bad })).toThrow(/STARAI_CODE_URL: the https address/);
});

test("missing settings are reported together, each with what it should be", () => {
  expect(() => readConfig({})).toThrow(
    /STARAI_HOME: needed: the data folder[\s\S]*STARAI_BOT_KEY: needed, at least 32/,
  );
  expect(() => readConfig({})).not.toThrow(/undefined|Invalid input/);
});
