/** For tests: a house whose workers earn, and the distributor as a chain would show it. No chain is behind it: what needs one is tested in sandbox/. */
import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import type { SeenDistributor } from "../earnings/distributor.ts";
import { closeEpoch } from "../earnings/close-epoch.ts";
import type { ClosingOptions } from "../earnings/close-epoch.ts";
import { writeEpochFile } from "../earnings/epoch-file.ts";
import { runningEpoch } from "../earnings/running-epoch.ts";
import { chainHome, contributorStakes, creditTotals, epochs, workerBindings } from "../db/schema.ts";
import type { AccountKind } from "../ledger/rules/account-kinds.ts";
import { COINS_NOW, openTestCoins } from "./coins.ts";
import { noteByHand } from "./credit-notes.ts";
import { DONE, moveOf } from "./ledger.ts";

export const COIN = 10n ** 9n;
const EPOCH_S = 86_400;

interface TestMachine {
  readonly of?: { readonly id: string; readonly address: string };
  readonly stake?: bigint;
  readonly isNew?: boolean;
}

export type TestEpochs = Awaited<ReturnType<typeof openTestEpochs>>;

export async function openTestEpochs() {
  const coins = await openTestCoins();
  const { ctx, time } = coins;
  const chain = ctx.ton.get();
  const pinnedAt = new Date(COINS_NOW);
  const { networkId } = chain;
  const [deposits, till, distributor] = [chain.deposits, chain.till, chain.distributor].map((one) => one.toRawString());
  await ctx.db
    .insert(chainHome)
    .values({ networkId, deposits: deposits!, till: till!, distributor: distributor!, pinnedAt });

  /** The distributor now, whose last root is that of the last active epoch. */
  const seen = async (more: Partial<SeenDistributor> = {}): Promise<SeenDistributor> => {
    const rows = await ctx.db.select().from(epochs).orderBy(epochs.number);
    const active = rows.findLast(({ state }) => state === "active");
    return {
      ...({} as SeenDistributor),
      address: chain.distributor,
      networkId,
      balance: 1_000n * COIN,
      lt: 1n,
      nowS: Math.floor(time.now / 1_000),
      epoch: active?.chainEpoch ?? 0,
      root: active?.root ? BigInt(`0x${active.root.toString("hex")}`) : 0n,
      totalCum: active?.total ?? 0n,
      totalPaid: 0n,
      epochCap: 1_000n * COIN,
      epochSeconds: EPOCH_S,
      pending: null,
      frozenUntil: 0,
      ...more,
    };
  };
  /** As answers leave it on an account. */
  const give = async (kind: AccountKind, owner: string, amount: bigint, why = "earned") => {
    const from = await ctx.ledger.openAccount({ asset: "coin", kind: "chain_deposits", owner: "house" });
    const to = await ctx.ledger.openAccount({ asset: "coin", kind, owner });
    const move = moveOf({ from, to, amount, kind: why });
    expect(await ctx.ledger.do(move)).toEqual(DONE);
    await noteByHand(ctx.pg, [move.key]);
  };
  return {
    ...coins,
    seen,
    /** What a file says of where it is for. */
    home: { networkId, distributor: distributor! },
    give,
    earn: (worker: string, amount: bigint) => give("earner", `worker:${worker}`, amount),
    /**
     * A worker of a person's who has a wallet; `of` is whose it is, and a new person where there is none. It earned long
     * ago, so that its pay does not wait, unless it is new.
     */
    worker: async ({ of, stake = 0n, isNew = false }: TestMachine = {}) => {
      const owner = of ?? (await coins.newPerson());
      const worker = randomBytes(32).toString("hex");
      await ctx.db.insert(workerBindings).values({ worker, person: owner.id });
      if (!isNew) await ctx.db.insert(creditTotals).values({ worker, asset: "coin", firstEpoch: -1 });
      // By the database's clock, which says whether it was seen within a day.
      const behind = { stake, account: owner.address, seenAt: new Date() };
      await ctx.db
        .insert(contributorStakes)
        .values({ wallet: owner.address, ...behind })
        .onConflictDoUpdate({ target: contributorStakes.wallet, set: behind });
      return { worker, owner };
    },
    aDayLater: () => (time.now += EPOCH_S * 1_000),
    close: async (options: ClosingOptions = {}, more: Partial<SeenDistributor> = {}) =>
      closeEpoch(ctx, await seen(more), options),
    /** Stores the file of the last one, and calls it active, as the chain would. */
    open: async () => {
      const { last } = await runningEpoch(ctx.db);
      await writeEpochFile(ctx, last!, { networkId, distributor: distributor! });
      await ctx.pg.query("update epochs set state = 'active' where number = $1", [last!.number]);
    },
    leaf: async (wallet: string): Promise<bigint> => {
      const { rows } = await ctx.pg.query<{ cumulative: string }>(
        "select cumulative from epoch_leaves where wallet = $1",
        [wallet],
      );
      return BigInt(rows[0]?.cumulative ?? 0);
    },
  };
}
