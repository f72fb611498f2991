/** Reads what StarAI's contracts hold, and for whom, by their get methods. */
import type { Address } from "@ton/core";
import type { TonClient } from "@ton/ton";
import { ContributorAccount } from "@starai/contracts/ContributorAccount";
import { ContributorAccountTerms } from "@starai/contracts/contributor-account-codes";
import { Escrow } from "@starai/contracts/Escrow";
import { EscrowTerms } from "@starai/contracts/escrow-codes";
import { bucketOf, RewardDistributor } from "@starai/contracts/RewardDistributor";
import type { DistributorData } from "@starai/contracts/RewardDistributor";
import { RewardDistributorTerms } from "@starai/contracts/reward-distributor-codes";
import { Vault } from "@starai/contracts/Vault";
import type { VaultProposal, VaultState } from "@starai/contracts/Vault";
import { VaultTerms } from "@starai/contracts/vault-codes";
import { hash, nano, number, share, text, time, when } from "./facts.ts";
import type { Fact, Facts, Holdings } from "./facts.ts";

/** Null for other contracts, and when a get method fails, e.g. on a busy chain; the page shows the rest. */
export async function holdingsOf(
  client: TonClient,
  facts: Facts,
  { contract, address }: { contract: string | null; address: Address },
): Promise<Holdings | null> {
  const read = contract !== null && Object.hasOwn(READERS, contract) ? READERS[contract as keyof typeof READERS] : null;
  return (await read?.(client, facts, address).catch(() => null)) ?? null;
}

const READERS = {
  Vault: ofVault,
  RewardDistributor: ofDistributor,
  ContributorAccount: ofAccount,
  Escrow: ofEscrow,
};

async function ofVault(client: TonClient, facts: Facts, address: Address): Promise<Holdings> {
  const state = await client.open(new Vault(address)).getState();
  const { purpose, distributor, hot, guardian, treasury, dailyLimit, left, poolLimit, poolLeft } = state;
  const stopped = purpose !== "refunds" && dailyLimit === 0n && poolLimit === 0n;
  return {
    about: purpose,
    holds: [
      ...when(stopped, text("hotMay", "hotStopped")),
      ...when(dailyLimit > 0n, share("leftToday", left, dailyLimit)),
      ...when(poolLimit > 0n, share("poolLeft", poolLeft, poolLimit)),
    ],
    next: proposalOf(state, facts),
    who: [
      facts.party("hot", hot),
      facts.party("guardian", guardian),
      facts.party("treasury", treasury),
      ...(distributor ? [facts.party("funds", distributor)] : []),
    ],
  };
}

/** A proposal can be executed from a date on, at once when the other keeper approves, and expires. */
function proposalOf({ proposal }: VaultState, facts: Facts): Fact[] {
  if (!proposal) return [];
  const { by, executeAfter, what } = proposal;
  return [
    text("proposal", `proposal_${what.kind}`),
    ...proposedOf(what, facts),
    text("proposedBy", `holds_${by}`),
    time("executeAfter", executeAfter),
    time("expiresAt", executeAfter + VaultTerms.PROPOSAL_WINDOW),
  ];
}

function proposedOf(what: VaultProposal, facts: Facts): Fact[] {
  switch (what.kind) {
    case "sweep":
      return [nano("amount", what.amount)];
    case "replaceRole":
      return [text("role", `holds_${what.role}`), facts.party("to", what.to)];
    case "setLimits":
      return [nano("dailyLimit", what.dailyLimit), nano("poolLimit", what.poolLimit)];
    case "sweepJetton":
      return [facts.party("jettonWallet", what.wallet)]; // The amount is in the jetton's units, which only it names.
  }
}

async function ofDistributor(client: TonClient, facts: Facts, address: Address): Promise<Holdings> {
  const distributor = client.open(new RewardDistributor(address));
  const [data, payable, pool] = [
    await distributor.getData(),
    await distributor.getPayableNow(),
    await client.getBalance(address),
  ];
  const { epoch, epochCap, totalCum, totalPaid, publisher, guardian, treasury, refunds } = data;
  return {
    about: "distributor",
    holds: [
      number("epoch", epoch),
      nano("epochCap", epochCap),
      nano("pool", pool),
      nano("owed", totalCum - totalPaid),
      nano("totalPaid", totalPaid),
      share("bucket", bucketOf(data, facts.nowS), BigInt(RewardDistributorTerms.BUCKET_EPOCHS) * epochCap),
      nano("payableNow", payable),
    ],
    next: [...rootsOf(data, facts, pool), ...officesOf(data, facts)],
    who: [
      publisher ? facts.party("publisher", publisher) : text("publisher", "dismissed"),
      facts.party("guardian", guardian),
      facts.party("treasury", treasury),
      facts.party("refunds", refunds),
    ],
  };
}

function rootsOf({ frozenUntil, pending, endorsed, ...data }: DistributorData, { nowS }: Facts, pool: bigint): Fact[] {
  return [
    ...when(frozenUntil > nowS, time("frozenUntil", frozenUntil)),
    ...(pending
      ? [
          nano("pendingAdds", pending.totalCum - data.totalCum),
          time("pendingActiveAt", pending.activeAt),
          ...when(endorsed, text("pendingIs", "endorsed")),
          ...when(pool < pending.totalCum - data.totalPaid, text("pendingIs", "poolShort")),
        ]
      : when(data.activatedAt > 0, time("nextRoot", data.activatedAt + data.epochSeconds))),
  ];
}

/** Changes of publisher, guardian and cap that are under way. */
function officesOf({ nextPublisher, publisherFrom, nextGuardian, capChange }: DistributorData, facts: Facts): Fact[] {
  return [
    ...(nextPublisher ? [facts.party("nextPublisher", nextPublisher), time("publisherFrom", publisherFrom)] : []),
    ...(nextGuardian ? [facts.party("nextGuardian", nextGuardian)] : []),
    ...(capChange ? [nano("capChange", capChange.epochCap)] : []),
    ...(capChange ? [capChange.from === null ? text("capFrom", "capWaits") : time("capFrom", capChange.from)] : []),
  ];
}

async function ofAccount(client: TonClient, facts: Facts, address: Address): Promise<Holdings> {
  // The wrapper needs the account's owner and distributor, which its get method returns.
  const { stack } = await client.runMethod(address, "account_data");
  const terms = { owner: stack.readAddress(), distributor: stack.readAddress() };
  const account = await client.open(new ContributorAccount(terms)).getData();
  const { stake, unbonding, unbondAt, claimed, disputed, executeAfter, reason, coolUntil, proceeds, storageDue } =
    account;
  return {
    about: "ContributorAccount",
    holds: [nano("stake", stake), nano("unbonding", unbonding), nano("claimed", claimed)],
    next: [
      ...when(unbonding > 0n, time("unbondAt", unbondAt)),
      ...when(
        disputed > 0n,
        nano("disputed", disputed),
        hash("reason", reason),
        time("slashFrom", executeAfter),
        time("slashUntil", executeAfter + ContributorAccountTerms.DISPUTE_SECONDS),
      ),
      ...when(coolUntil > facts.nowS, time("coolUntil", coolUntil)),
      ...when(storageDue > 0n, nano("storageDue", storageDue)),
    ],
    who: [
      facts.party("owner", terms.owner),
      facts.party("paidBy", terms.distributor),
      ...(proceeds ? [facts.party("refunds", proceeds)] : []),
    ],
  };
}

async function ofEscrow(client: TonClient, facts: Facts, address: Address): Promise<Holdings> {
  const escrow = client.open(new Escrow(address));
  const { owner, vault, providerKey, keys, settled, round, ripeAt, dailyCap, capLeft } = await escrow.getState();
  const endsAt = ripeAt === null ? 0 : ripeAt + EscrowTerms.WITHDRAW_WINDOW;
  return {
    about: "Escrow",
    holds: [
      nano("spendable", await escrow.getSpendable()),
      ...when(keys.length > 0, share("capLeft", capLeft, dailyCap)),
      nano("settled", settled),
      number("round", round),
    ],
    next: [
      ...when(keys.length === 0, text("escrowIs", "notOpen")),
      ...(ripeAt !== null && facts.nowS < endsAt ? [time("ripeAt", ripeAt), time("ripeUntil", endsAt)] : []),
    ],
    who: [
      facts.party("owner", owner),
      facts.party("paysTo", vault),
      hash("providerKey", providerKey),
      ...keys.map((key) => hash("sessionKey", key)),
    ],
  };
}
