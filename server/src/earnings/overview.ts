/** Everything the contributor's screens need: their machines, what they were paid, and what stands behind them. */
import type { ContributorOverview, MachineDay, MachineView, StakeView } from "@starai/protocol/contributor";
import { firstEarnedEpochs, heldUntil } from "../billing/held-pay.ts";
import type { Chain } from "../chain/chain.ts";
import type { ChainDoor } from "../chain/chain-door.ts";
import type { ChainContext } from "../chain/context.ts";
import { accountOf } from "../contributors/see-stake.ts";
import type { PoolContext } from "../pool/context.ts";
import { machineFacts } from "../pool/machine-facts.ts";
import type { MachineFacts } from "../pool/machine-facts.ts";
import { readClaims } from "./claim-history.ts";
import { NO_DAY, readDays } from "./machine-days.ts";
import { runningEpoch } from "./running-epoch.ts";
import type { RunningEpoch } from "./running-epoch.ts";
import { readHours, readLines, readMachines, readOwner, readSlashes } from "./overview-rows.ts";
import type { MachineRow, OwnerRow } from "./overview-rows.ts";

type Parts = Pick<PoolContext & ChainContext, "clock" | "config" | "db" | "monotonic" | "pg" | "registry" | "ton">;

/** A person without a machine has one as well: it is all zeros. */
export async function contributorOverview(ctx: Parts, person: string): Promise<ContributorOverview> {
  const now = ctx.clock();
  const { chain } = ctx.ton;
  // Epochs go by the chain's clock.
  const nowS = chain?.nowS() ?? Math.floor(now / 1_000);
  // Taken before the books are read, which may then be ahead of it and never behind.
  const readUntilS = ctx.ton.poolReadUntilS;
  const [owner, rows, hours, days, lines, slashes, running] = await Promise.all([
    readOwner(ctx.pg, person),
    readMachines(ctx.pg, person),
    readHours(ctx.pg, person, now),
    readDays(ctx.pg, person, now),
    readLines(ctx.pg, person),
    readSlashes(ctx.pg, person),
    runningEpoch(ctx.db),
  ]);
  const workers = rows.map(({ worker }) => worker);
  const [facts, first, claims] = await Promise.all([
    machineFacts(ctx, workers),
    firstEarnedEpochs(ctx.db, workers),
    chain !== null && owner !== null ? readClaims(ctx.pg, { chain, address: owner.address }) : [],
  ]);
  const epoch = epochOf(ctx.ton, running, nowS * 1_000);
  const machines = rows.map((row) => {
    const firstEpoch = first.get(row.worker);
    // One that was paid for being there only is still new.
    const hasNothing = firstEpoch === undefined && row.balance === "0";
    const held = hasNothing ? null : heldUntil(firstEpoch ?? epoch.number, epoch.number);
    const day = days.get(row.worker) ?? NO_DAY;
    return machineOf(ctx, { row, facts: facts.get(row.worker)!, day, heldUntilEpoch: held });
  });
  return {
    coin: ctx.config.coin,
    networkId: chain?.networkId ?? null,
    nowS,
    readUntilS,
    distributor: chain?.distributor.toRawString() ?? null,
    wallet: owner?.address ?? null,
    machines,
    stake: chain !== null && owner !== null ? stakeOf(chain, owner, rows.length) : null,
    earnings: {
      running: sum(machines.map(({ earning, heldUntilEpoch }) => (heldUntilEpoch === null ? BigInt(earning) : 0n))),
      held: sum(rows.map(({ balance, held }, at) => BigInt(machines[at]!.heldUntilEpoch === null ? held : balance))),
      claimable: owner?.claimable ?? "0",
      claimableNow: owner?.claimable_now ?? "0",
      claimed: owner?.claimed ?? "0",
      stars: sum(rows.map(({ stars }) => BigInt(stars))),
    },
    epoch,
    hours,
    lines,
    claims,
    slashes,
  };
}

interface MachineParts {
  readonly row: MachineRow;
  readonly facts: MachineFacts;
  readonly day: MachineDay;
  readonly heldUntilEpoch: number | null;
}

function machineOf(ctx: Parts, { row, facts, day, heldUntilEpoch }: MachineParts): MachineView {
  const { worker } = row;
  // Until its first job it has no row.
  const connected = ctx.registry.get(worker)?.facts;
  const seenAt = facts.online ? new Date(ctx.clock()) : (row.last_seen_at ?? row.paired_at);
  return {
    worker,
    name: connected?.name ?? row.name ?? worker.slice(0, 8),
    version: connected?.version ?? row.version ?? "",
    lastSeenAt: seenAt.toISOString(),
    pairedAt: row.paired_at.toISOString(),
    earning: String(BigInt(row.balance) - BigInt(row.held)),
    heldUntilEpoch,
    day,
    ...facts,
  };
}

/** Null where the wallet can have no account. */
function stakeOf(chain: Chain, owner: OwnerRow, machines: number): StakeView | null {
  const account = accountOf(chain, owner.address);
  if (account === null) return null;
  return {
    account: account.address.toRawString(),
    isDeployed: owner.account !== null,
    stake: owner.stake,
    unbonding: owner.unbonding,
    unbondAt: owner.unbond_at?.toISOString() ?? null,
    disputed: owner.disputed,
    perMachine: String(BigInt(owner.stake) / BigInt(Math.max(1, machines))),
    seenAt: owner.seen_at?.toISOString() ?? null,
  };
}

const sum = (amounts: readonly bigint[]) => String(amounts.reduce((all, one) => all + one, 0n));

/** It is over when its time has passed since the last close. */
function epochOf(
  { epochSeconds, delaySeconds }: Pick<ChainDoor, "epochSeconds" | "delaySeconds">,
  { number, beganAt, last }: RunningEpoch,
  now: number,
): ContributorOverview["epoch"] {
  const endsAt = Math.max(now, (beganAt?.getTime() ?? now) + epochSeconds * 1_000);
  const isOnItsWay = last?.state === "closing" || last?.state === "closed" || last?.state === "proposed";
  const proposedAt = last?.proposedAt?.getTime() ?? now;
  return {
    number,
    endsAt: new Date(endsAt).toISOString(),
    seconds: epochSeconds,
    claimableAt: isOnItsWay ? new Date(Math.max(now, proposedAt + delaySeconds * 1_000)).toISOString() : null,
  };
}
