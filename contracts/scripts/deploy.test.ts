import { Address } from "@ton/core";
import { describe, expect, test } from "vitest";
import type { Variables } from "./deploy-settings.ts";
import { run } from "./deploy.ts";

const address = (byte: number) => new Address(0, Buffer.alloc(32, byte)).toString();
/** Port 9 (discard) has no listener: nothing here reaches a network. */
const NOWHERE = "http://127.0.0.1:9/jsonRPC";
const MAINNET = "https://toncenter.com/api/v2/jsonRPC";
const SETTINGS = {
  DEPLOYER_SEED: "5a".repeat(32),
  PUBLISHER: address(1),
  GUARDIAN: address(2),
  TREASURY: address(3),
  HOT_WALLET: address(4),
  TON_ENDPOINT: NOWHERE,
};

/** Runs `npm run deploy -- …` in this environment; returns what it printed and the error, null on success. */
async function deployIn(env: Variables, words: string[]) {
  const lines: string[] = [];
  const fault = await run(words, env, (line) => lines.push(line)).then(() => null, String);
  return { printed: lines.join("\n"), fault };
}

const deploy = (words: string[], change: Variables = {}) => deployIn({ ...SETTINGS, ...change }, words);

/** What a dry run prints where no chain answers. */
const printedWithPool = async (pool: Variables) =>
  (await deployIn({ TON_ENDPOINT: NOWHERE, ...pool }, ["--network", "sandbox", "--dry-run"])).printed;

describe("npm run deploy", () => {
  test("prints addresses, code and parameters before it contacts the network, and fails if that does not answer", async () => {
    const { printed, fault } = await deploy(["--network", "testnet", "--dry-run"]);
    const headings = printed.match(/^\w+ \(\w+\)$/gm);
    expect(headings).toEqual([
      "refunds (Vault)",
      "distributor (RewardDistributor)",
      "deposits (Vault)",
      "till (Vault)",
    ]);
    const addresses = [...printed.matchAll(/^ +address +(EQ[\w-]{46})$/gm)].map(([, found]) => found);
    expect(new Set(addresses).size).toBe(4);
    expect(printed).toMatch(
      /distributor \(RewardDistributor\)\n[^]*code hash +[0-9a-f]{64}\n[^]*epochCap +1000000000000 nano units\n/,
    );
    // The distributor pays slashes to the refunds vault, and the other two vaults feed the distributor.
    expect(printed).toContain(`refunds        ${addresses[0]}`);
    expect(printed.split(`distributor    ${addresses[1]}`)).toHaveLength(3);
    expect(fault).toContain(`${NOWHERE} could not be queried`);
    expect(printed + fault).not.toContain(SETTINGS.DEPLOYER_SEED);
  });

  test.each([
    ["mainnet", NOWHERE, "add --nobody-has-audited-this-code"],
    // Every object has a `constructor`, which must not count as a network: its wallet would be mainnet's.
    ["constructor", NOWHERE, "npm run deploy -- --network mainnet|testnet|sandbox"],
    ["testnet", MAINNET, "toncenter.com is mainnet's, not testnet's"],
    ["sandbox", MAINNET, "toncenter.com is mainnet's, not sandbox's"],
  ])(
    "deploys to mainnet only by its name and with its confirmation: not with --network %s to %s",
    async (network, TON_ENDPOINT, why) => {
      expect(await deploy(["--network", network], { TON_ENDPOINT })).toEqual({
        printed: "",
        fault: expect.stringContaining(why),
      });
    },
  );

  test("a dry run for the sandbox needs no settings and no chain: it prints addresses of placeholders and says what to start", async () => {
    const { printed, fault } = await deployIn({ TON_ENDPOINT: NOWHERE }, ["--network", "sandbox", "--dry-run"]);
    expect(fault).toBeNull();
    expect(printed).toMatch(/placeholders[^]*refunds \(Vault\)[^]*till \(Vault\)[^]*run npm start or npm run chain/);
    expect(printed).toContain("nothing was sent");
    expect(await deployIn({ TON_ENDPOINT: NOWHERE }, ["--network", "sandbox"])).toEqual({
      printed: "",
      fault: expect.stringContaining("No sandbox chain answers"),
    });
  });

  test("elsewhere every missing and wrong setting is told at once, and nothing is printed for them", async () => {
    const { printed, fault } = await deployIn({ TON_ENDPOINT: NOWHERE, VAULT_POOL_LIMIT: "1.5", REWARD_POOL: "-1" }, [
      "--network",
      "testnet",
    ]);
    expect(printed).toBe("");
    for (const name of [
      "DEPLOYER_SEED",
      "PUBLISHER",
      "GUARDIAN",
      "TREASURY",
      "HOT_WALLET",
      "VAULT_POOL_LIMIT",
      "REWARD_POOL",
    ])
      expect(fault).toMatch(new RegExp(`^(Error: )?${name} must be`, "m"));
  });

  test.each([
    ["GUARDIAN", "PUBLISHER"],
    ["TREASURY", "GUARDIAN"],
    ["HOT_WALLET", "TREASURY"],
    ["HOT_WALLET", "PUBLISHER"],
  ] as const)("no two roles are one address: %s is not %s", async (role, other) => {
    const { printed, fault } = await deploy(["--network", "testnet", "--dry-run"], { [role]: SETTINGS[other] });
    expect(printed).toBe("");
    expect(fault).toContain(`${role} is ${other}'s address`);
  });

  test("mainnet has a day for each epoch and each veto, no less; testnet may be quicker", async () => {
    const quick = { EPOCH_S: "3600", DELAY_S: "86399" };
    const { printed, fault } = await deploy(["--network", "mainnet", "--dry-run"], quick);
    expect(printed).toBe("");
    expect(fault).toMatch(/EPOCH_S must be 86400 or more on mainnet[^]*DELAY_S must be 86400 or more on mainnet/);
    expect((await deploy(["--network", "testnet", "--dry-run"], quick)).printed).toMatch(/delaySeconds +86399/);
    const slow = { EPOCH_S: "86400", DELAY_S: "86400" };
    expect((await deploy(["--network", "mainnet", "--dry-run"], slow)).printed).toContain("refunds (Vault)");
  });

  test("on mainnet it says that both keepers must be multisigs", async () => {
    expect((await deploy(["--network", "mainnet", "--dry-run"])).printed).toContain(
      "GUARDIAN and TREASURY must be multisigs",
    );
    expect((await deploy(["--network", "testnet", "--dry-run"])).printed).not.toContain("multisigs");
  });

  test("it says when the pool cannot pay one epoch, and nothing of it when it can", async () => {
    expect(await printedWithPool({})).toContain("REWARD_POOL is 0");
    expect(await printedWithPool({ EPOCH_CAP: "5", REWARD_POOL: "4" })).toContain(
      "REWARD_POOL is less than one epoch may add",
    );
    expect(await printedWithPool({ EPOCH_CAP: "5", REWARD_POOL: "5" })).not.toContain("REWARD_POOL");
  });
});
