import { Address } from "@ton/core";
import { describe, expect, test } from "vitest";
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

/** Runs `npm run deploy -- …`; returns what it printed and the error, null on success. */
async function deploy(words: string[], change: Partial<typeof SETTINGS> = {}) {
  const lines: string[] = [];
  const fault = await run(words, { ...SETTINGS, ...change }, (line) => lines.push(line)).then(() => null, String);
  return { printed: lines.join("\n"), fault };
}

describe("npm run deploy", () => {
  test("prints addresses, code and parameters before it contacts the network, and fails if that does not answer", async () => {
    const { printed, fault } = await deploy(["--network", "testnet", "--dry-run"]);
    expect(printed).toMatch(/Vault\n +address +EQ[\w-]{46}\n +code hash +[0-9a-f]{64}\n/);
    expect(printed).toMatch(/RewardDistributor\n[^]*epochCap +1000000000000 nano units\n/);
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
});
