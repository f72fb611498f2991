/** A contributor's machines, stake, earnings and claims, as the app shows them. Amounts are nano units, addresses raw. */
import { z } from "zod";
import { Nano } from "./receipts.ts";
import { Sha256, WorkerKey } from "./worker-key.ts";
import { RawAddress } from "./wallet.ts";

/** Stake of a machine from which it gets paid work: 5 coins. */
export const STAKE_MIN = 5_000_000_000n;

/** Rules of earning; nano units and milliseconds. */
export const EARNING_TERMS = {
  /** A person's stake counts up to this many times the least, for all their machines together. */
  weightMax: 10,
  /** A new machine's pay waits until so many epochs are closed. */
  heldEpochs: 2,
  /** So often each machine is asked what kept it from jobs. */
  lookMs: 10_000,
  pairingMs: 10 * 60_000,
  /** From here on a claim is worth its cost; the operator brings claims from the second. */
  claimFrom: 350_000_000n,
  sponsoredFrom: 1_000_000_000n,
} as const;

/** As a terminal shows it: eight letters and digits that cannot be mistaken for each other. */
export const PairingCode = z
  .string()
  .transform((code) => code.replaceAll(/[\s-]/g, "").toUpperCase())
  .pipe(z.string().regex(/^[0-9A-HJKMNP-TV-Z]{8}$/, "a code has eight letters and digits"));
export const NewPairing = z.strictObject({ code: PairingCode });

/** The machine that a code belongs to, before anybody says that it is theirs. */
export const PairingOffer = z.strictObject({
  worker: WorkerKey,
  name: z.string(),
  /** Earned already; it comes with the machine. */
  earned: Nano,
});
export type PairingOffer = z.infer<typeof PairingOffer>;

/** Why a machine gets no or less work, in words of texts.ts (`machine.why.*`, `machine.skipped.*`). */
export const WhyNot = z.enum([
  "offline",
  "banned",
  "paused",
  "drained",
  "unstaked",
  "stranger",
  "day_cap",
  "no_demand",
  "price",
  "slow",
]);
export type WhyNot = z.infer<typeof WhyNot>;

/** A machine's last 24 hours; the running hour is the last of them. */
export const MachineDay = z.strictObject({
  /** Share of the time since it was paired in which it was there, 0 to 1. */
  uptime: z.number().min(0).max(1),
  jobs: z.int().nonnegative(),
  failed: z.int().nonnegative(),
  earned: Nano,
  /** Why others got jobs of its models, the most frequent first. `no_demand` counts looks without a job. */
  skipped: z.array(z.strictObject({ why: WhyNot, count: z.int().positive() })),
});
export type MachineDay = z.infer<typeof MachineDay>;

export const MachineView = z.strictObject({
  worker: WorkerKey,
  name: z.string(),
  version: z.string(),
  online: z.boolean(),
  lastSeenAt: z.iso.datetime(),
  pairedAt: z.iso.datetime(),
  models: z.array(z.string()),
  askPercent: z.int(),
  /** Over the last minute. */
  tokensPerS: z.number().nonnegative(),
  running: z.int().nonnegative(),
  /** Earned in the running epoch. */
  earning: Nano,
  /** Its pay waits until this epoch is closed; null: it does not wait. */
  heldUntilEpoch: z.int().nullable(),
  /** Why it gets no or less work now, most important first. */
  why: z.array(WhyNot),
  /** The operator's or the pool's words for a ban or pause. */
  reason: z.string().nullable(),
  temperatureC: z.int().nullable(),
  day: MachineDay,
});
export type MachineView = z.infer<typeof MachineView>;

/** Why an attempt counted against its machine, in words of texts.ts (`machine.lost.*`). */
export const WhyLost = z.enum([
  "dropped",
  "stalled",
  "slow",
  "late",
  "refused",
  "engine",
  "memory",
  "no_model",
  "context",
  "form",
  "other_ids",
  "too_long",
  "false_end",
  "disorder",
]);
export type WhyLost = z.infer<typeof WhyLost>;

/** How a machine's attempts of the last seven days ended, and what its score is. */
export const MachineRecord = z.strictObject({
  /** Attempts that ended, also by nobody's fault; where there are more than are looked at, the newest. */
  attempts: z.int().nonnegative(),
  done: z.int().nonnegative(),
  /** What counted against it, the most frequent first. */
  lost: z.array(z.strictObject({ why: WhyLost, count: z.int().positive() })),
  /** Answers that were slower than the service level, and the share of all its work that was not paid for that, 0 to 1. */
  slow: z.strictObject({ attempts: z.int().nonnegative(), withheld: z.number().min(0).max(1) }),
  /** Share of good in what it did, the older the less, 0 to 1: by it jobs are given. Null: it did nothing yet. */
  score: z.number().min(0).max(1).nullable(),
});
export type MachineRecord = z.infer<typeof MachineRecord>;

/** One hour of all of a person's machines, the oldest first. */
export const EarningHour = z.strictObject({
  hour: z.iso.datetime(),
  earned: Nano,
  jobs: z.int().nonnegative(),
  failed: z.int().nonnegative(),
  tokens: z.int().nonnegative(),
  /** Share of the hour in which a machine was there, 0 to 1. */
  uptime: z.number().min(0).max(1),
});
export type EarningHour = z.infer<typeof EarningHour>;

export const StakeView = z.strictObject({
  /** Their own account contract, which wallet and distributor make. */
  account: RawAddress,
  isDeployed: z.boolean(),
  stake: Nano,
  unbonding: Nano,
  /** When what is unbonding can be withdrawn; null: nothing is. */
  unbondAt: z.iso.datetime().nullable(),
  disputed: Nano,
  /** Divided by the machines; from STAKE_MIN on each gets paid work. */
  perMachine: Nano,
  seenAt: z.iso.datetime().nullable(),
});
export type StakeView = z.infer<typeof StakeView>;

/** What the screen of a stake needs, and TON Connect with it. */
export const MyStake = z.strictObject({
  /** The chain's own time of what is shown, UNIX seconds: dates are compared with it. While the chain is away it stands still. */
  nowS: z.int(),
  /** By the clock of `seenAt`, which says by it whether the chain answers. */
  answeredAt: z.iso.datetime(),
  distributor: RawAddress,
  /** Bound, of the person; null: none is, and nothing can be staked. */
  wallet: RawAddress.nullable(),
  /** Paired with the person: the stake is divided by them. */
  machines: z.int().nonnegative(),
  /** Until when a proposed slash can be answered and nothing is taken; null: none is proposed. */
  disputedUntil: z.iso.datetime().nullable(),
  /** Null without a wallet. */
  stake: StakeView.nullable(),
});
export type MyStake = z.infer<typeof MyStake>;

export const EpochLineView = z.strictObject({
  epoch: z.int(),
  closedAt: z.iso.datetime(),
  state: z.enum(["closed", "proposed", "active", "dropped"]),
  worker: WorkerKey,
  name: z.string(),
  earned: Nano,
  availability: Nano,
  released: Nano,
  held: Nano,
});
export type EpochLineView = z.infer<typeof EpochLineView>;

export const SlashView = z.strictObject({
  id: z.uuid(),
  amount: Nano,
  reason: z.string(),
  state: z.enum(["proposed", "cancelled", "executed", "expired"]),
  createdAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  /** Of a proposed one: nothing is taken before. Null: it is over, or the chain did not say it yet. */
  disputedUntil: z.iso.datetime().nullable(),
  /** SHA-256 of the evidence, which is the reason on the chain. */
  evidenceHash: Sha256,
});
export type SlashView = z.infer<typeof SlashView>;

/** The very text that the hash on the chain is of: JSON of numbers and ids. */
export const SlashEvidence = z.strictObject({ text: z.string(), hash: Sha256 });
export type SlashEvidence = z.infer<typeof SlashEvidence>;

/** A claim that the chain showed. */
export const ClaimView = z.strictObject({
  /** By the chain; by this server's clock where the transaction is not known. */
  at: z.iso.datetime(),
  amount: Nano,
  /** Hex. Null: it was booked before transactions of claims were noted, or is too long ago. */
  transaction: Sha256.nullable(),
});
export type ClaimView = z.infer<typeof ClaimView>;

/** Everything the contributor's screens need. */
export const ContributorOverview = z.strictObject({
  coin: z.string(),
  networkId: z.int().nullable(),
  /** The chain's own time, UNIX seconds; this server's where it has no chain. */
  nowS: z.int(),
  /** What came to pass on the chain before is in the earnings, UNIX seconds; 0: nothing was read yet. */
  readUntilS: z.int(),
  /** Null where this server has no chain: nothing can be staked or claimed. */
  distributor: RawAddress.nullable(),
  wallet: RawAddress.nullable(),
  machines: z.array(MachineView),
  stake: StakeView.nullable(),
  earnings: z.strictObject({
    /** What the running epoch's closing puts down, what waits for a later one, and what the tree owes. */
    running: Nano,
    held: Nano,
    claimable: Nano,
    /** The part of it that the open root pays; the rest comes with the next one. */
    claimableNow: Nano,
    claimed: Nano,
    /** For answers paid in Stars, billionths of a Star: the house turns them into coins, which are then pay like any other. */
    stars: Nano,
  }),
  epoch: z.strictObject({
    /** The one that runs. */
    number: z.int(),
    endsAt: z.iso.datetime(),
    /** From one closing to the next. */
    seconds: z.int().positive(),
    /** When the last closed one can be claimed; null: it can. */
    claimableAt: z.iso.datetime().nullable(),
  }),
  /** The last 48 hours. */
  hours: z.array(EarningHour),
  /** The newest first, at most 50. */
  lines: z.array(EpochLineView),
  /** The newest first, at most 20. */
  claims: z.array(ClaimView),
  slashes: z.array(SlashView),
});
export type ContributorOverview = z.infer<typeof ContributorOverview>;

/** What a wallet needs to claim: a proof of the current root. */
export const ClaimProof = z.strictObject({
  epoch: z.int(),
  wallet: RawAddress,
  account: RawAddress,
  /** The leaf: everything ever earned. */
  cumulative: Nano,
  unclaimed: Nano,
  /** A BoC, base64. */
  proof: z.string(),
  /** Whether the claim must bring the account's code. */
  deploy: z.boolean(),
  /** What to attach. */
  value: Nano,
});
export type ClaimProof = z.infer<typeof ClaimProof>;

export const NewAppeal = z.strictObject({
  worker: WorkerKey.nullable(),
  words: z.string().trim().min(3).max(1_000),
});

/** A closed epoch, for anybody. */
export const EpochView = z.strictObject({
  number: z.int(),
  state: z.enum(["closed", "proposed", "active", "dropped"]),
  /** By the server's clock, as a credit note's time is: what was earned by then is in it. */
  closedAt: z.iso.datetime(),
  /** By the chain's. */
  activeAt: z.iso.datetime().nullable(),
  root: Sha256,
  dataHash: Sha256,
  leaves: z.int(),
  total: Nano,
});
export type EpochView = z.infer<typeof EpochView>;
