/** An epoch's steps on the embedded chain, one at a time: closed, proposed, opened, and what it holds for a wallet. */
import type { Address } from "@ton/core";
import { expect } from "vitest";
import { ContributorAccount } from "@starai/contracts/ContributorAccount";
import { closeEpoch } from "@starai/server/earnings/close-epoch";
import { seeDistributor } from "@starai/server/earnings/distributor";
import { publishRound } from "@starai/server/earnings/publish-epoch";
import type { ChainHouse } from "../src/testing/chain-house.ts";

const DAY_MS = 86_400_000;
const never = new AbortController().signal;

/** @param parts  what this house publishes with, known once the house is open */
export function epochSteps(house: () => ChainHouse, parts: () => Parameters<typeof publishRound>[1]) {
  const see = () => seeDistributor(house().chain, never);
  const aDayLater = () => house().test.opened.clock.advance(DAY_MS + 60_000);
  /** One round of publishing, and all that follows from it. */
  const round = async () => {
    const done = await publishRound(house().ctx, parts(), { seen: await see(), signal: never });
    await house().embedded.settled();
    await house().look();
    return done;
  };
  return {
    see,
    aDayLater,
    round,
    close: async () => closeEpoch(house().ctx, await see()),
    /** From a closed epoch until its leaves can be claimed. */
    publish: async () => {
      expect([await round(), await round(), await round()]).toEqual(["write_file", "propose", "wait"]);
      aDayLater();
      expect(await round()).toBe("activate");
    },
    /** Everything that this wallet was ever put down for. */
    leafOf: async (wallet: Address): Promise<bigint> => {
      const { rows } = await house().ctx.pg.query<{ cumulative: string }>(
        "select cumulative from epoch_leaves where wallet = $1",
        [wallet.toRawString()],
      );
      return BigInt(rows[0]?.cumulative ?? 0);
    },
    /** What the books still owe this wallet. */
    unclaimed: async (wallet: Address) =>
      (await house().balances())[`earner wallet:${wallet.hash.toString("hex")}`] ?? 0n,
    /** As its own contract says. */
    claimed: async (owner: Address): Promise<bigint> => {
      const { client, distributor } = house().chain;
      const account = new ContributorAccount({ owner, distributor });
      if (!(await client.isContractDeployed(account.address))) return 0n;
      return (await client.open(account).getData()).claimed;
    },
  };
}
