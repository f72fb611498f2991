import { expect, test } from "vitest";
import { openChain } from "./chain/open-chain.ts";
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

test("the coin's rate is the live one and its ticker GRAM, unless the operator says otherwise", () => {
  expect(readConfig(needed)).toMatchObject({ rates: "live", coin: "GRAM" });
  const chosen = { STARAI_RATES: "off", STARAI_COIN: "TON" };
  expect(readConfig({ ...needed, ...chosen })).toMatchObject({ rates: "off", coin: "TON" });
  expect(() => readConfig({ ...needed, STARAI_RATES: "sometimes", STARAI_COIN: "$" })).toThrow(
    /STARAI_RATES: live, sandbox or off[\s\S]*STARAI_COIN: the coin's ticker/,
  );
});

test("other people's machines take a stake of 50 coins behind a head, or what the operator says", () => {
  expect(readConfig(needed).groupStake).toBe(50_000_000_000n);
  expect(readConfig({ ...needed, STARAI_GROUP_STAKE: "200" }).groupStake).toBe(200_000_000_000n);
  for (const STARAI_GROUP_STAKE of ["4", "50.5"])
    expect(() => readConfig({ ...needed, STARAI_GROUP_STAKE })).toThrow(/STARAI_GROUP_STAKE: whole coins, at least/);
});

const address = `0:${"a".repeat(64)}`;
const mainnet = {
  ...needed,
  TON_NETWORK: "mainnet",
  TON_DEPOSITS: address,
  TON_TILL: address,
  TON_DISTRIBUTOR: address,
  TON_TOPUP_IN_TELEGRAM: "off",
  STARAI_PUBLIC_ORIGIN: "https://starai.example",
};

test("coins are not taken without the address of our pages, for no wallet could prove whose it is", () => {
  const { STARAI_PUBLIC_ORIGIN, ...lacking } = mainnet;
  for (const TON_NETWORK of ["mainnet", "testnet"])
    expect(() => readConfig({ ...lacking, TON_NETWORK })).toThrow(/STARAI_PUBLIC_ORIGIN: needed with TON_NETWORK/);
  expect(readConfig({ ...lacking, TON_NETWORK: "off" }).ton).toBeNull();
  expect(openChain(readConfig(mainnet).ton!).domains).toEqual([new URL(STARAI_PUBLIC_ORIGIN).host]);
});

test("on mainnet it is the operator's own word whether coins are paid in inside Telegram", () => {
  const { TON_TOPUP_IN_TELEGRAM: _, ...lacking } = mainnet;
  expect(() => readConfig(lacking)).toThrow(/TON_TOPUP_IN_TELEGRAM: needed on mainnet, on or off/);
  for (const [said, is] of [
    ["on", true],
    ["off", false],
  ] as const)
    expect(readConfig({ ...lacking, TON_TOPUP_IN_TELEGRAM: said }).ton?.topUpInTelegram).toBe(is);
  expect(readConfig({ ...lacking, TON_NETWORK: "testnet" }).ton?.topUpInTelegram).toBe(false);
});

test("real coins are not paid out by the word of one endpoint", () => {
  expect(readConfig(mainnet).ton).toMatchObject({ second: null, hotSeed: null });
  const paying = { ...mainnet, TON_HOT_SEED: "ab".repeat(32) };
  expect(() => readConfig(paying)).toThrow(/TON_SECOND_ENDPOINT: needed on mainnet with TON_HOT_SEED/);
  expect(readConfig({ ...paying, TON_NETWORK: "testnet" }).ton?.second).toBeNull();
  const url = "https://ton.example/jsonRPC";
  expect(readConfig({ ...paying, TON_SECOND_ENDPOINT: url }).ton?.second).toEqual({ url, apiKey: null });
});

test("a second endpoint is somebody else's, also where the first one is the usual one", () => {
  for (const endpoints of [
    { TON_SECOND_ENDPOINT: "https://toncenter.com/api/v2/jsonRPC" },
    { TON_SECOND_ENDPOINT: "https://toncenter.com/another/path" },
    { TON_ENDPOINT: "https://ton.example/a", TON_SECOND_ENDPOINT: "https://TON.example/b" },
  ])
    expect(() => readConfig({ ...mainnet, ...endpoints })).toThrow(
      /TON_SECOND_ENDPOINT: an endpoint of another operator/,
    );
});
