import type { Address } from "@ton/core";
import type { DistributorData } from "../../wrappers/RewardDistributor.ts";
import { RewardDistributorOp as Op, RewardDistributorTerms as Terms } from "../../wrappers/reward-distributor-codes.ts";
import type { ContractEvent } from "./contract-event.ts";
import { must } from "./part.ts";

/** The roles, as raw addresses. */
interface Roles {
  publisher: string;
  guardian: string;
  treasury: string;
}

/** What a part tells the model about its distributor. */
interface Begin {
  data: DistributorData;
  roles: Roles;
  epochSeconds: number;
  delaySeconds: number;
}

interface Root {
  root: bigint;
  total: bigint;
}

/** The distributor's rules written a second time, for checking: who may do what when, and which root is current afterwards. */
export class DistributorModel {
  readonly #begin: Begin;
  #publisher: string | null;
  #next: { address: string; from: number } | null = null;
  #pending: (Root & { activeAt: number; endorsed: boolean }) | null = null;
  #current: Root;
  #previous: Root = { root: 0n, total: 0n };
  #activatedAt: number;
  #previousActivatedAt = 0;
  #frozenUntil = 0;
  #cap: bigint;
  #capChange: { cap: bigint; from: number | null } | null = null;
  #bucket: { holds: bigint; at: number };
  #paid = 0n;
  #paidAtActivation = 0n;

  constructor(begin: Begin) {
    this.#begin = begin;
    const { root, totalCum, activatedAt, epochCap } = begin.data;
    this.#publisher = begin.roles.publisher;
    this.#current = { root, total: totalCum };
    this.#activatedAt = activatedAt;
    this.#cap = epochCap;
    this.#bucket = { holds: BigInt(Terms.BUCKET_EPOCHS) * epochCap, at: activatedAt };
  }

  /** Checks one accepted message and applies it. `amount` is what a PayOut pays. @throws when a law breaks. */
  accept({ op, body, sender, now }: ContractEvent, amount: bigint): void {
    const by = sender.toRawString();
    const open = now >= this.#frozenUntil;
    if (op === Op.Claim || op === Op.PayOut || op === Op.ActivateRoot) must(open, "nothing moves while frozen");
    if (op === Op.PayOut) this.#pay(amount, now);
    this.#asPublisher(op, by, body.clone(), now);
    this.#asGuardian(op, by, body.clone(), now);
    if (op === Op.ActivateRoot) this.#activate(now);
    if (op === Op.ChallengeDecrease) {
      must(this.#pending?.endorsed === false, "only a pending root that nobody endorsed can be challenged");
      this.#pending = null;
    }
    if (op === Op.RejectPublisher) {
      must(by === this.#begin.roles.treasury, "only the treasury rejects");
      this.#next = null;
    }
    if (op === Op.AcceptPublisher) {
      const named = this.#next?.address === by && now >= this.#next.from;
      must(named, "only the named publisher takes office, after its three days");
      must(now < this.#next!.from + Terms.PUBLISHER_WINDOW, "a naming lapses");
      this.#publisher = by;
      this.#next = null;
    }
    if (op === Op.ApplyCap) this.#applyCap(now);
  }

  /** Compares the chain with the model. @throws when they differ. */
  settle(data: DistributorData): void {
    const { root, totalCum, pending, frozenUntil, publisher, epochCap, activatedAt } = data;
    must(totalCum === this.#current.total && root === this.#current.root, "the current root is the expected one");
    must(pending?.root === this.#pending?.root, "the pending root is the expected one");
    must(pending?.activeAt === this.#pending?.activeAt, "the pending root waits as long as expected");
    must(activatedAt === this.#activatedAt, "a root is as old as expected");
    must(frozenUntil === this.#frozenUntil, "a freeze ends when expected");
    must((publisher?.toRawString() ?? null) === this.#publisher, "the publisher is who took office");
    must(epochCap === this.#cap, "the cap is the agreed one");
  }

  get pendingRoot(): bigint | null {
    return this.#pending?.root ?? null;
  }

  get currentRoot(): bigint {
    return this.#current.root;
  }

  #asPublisher(op: number | null, by: string, body: ContractEvent["body"], now: number): void {
    if (op !== Op.ProposeRoot && op !== Op.RelaySlash && op !== Op.ProposeCap) return;
    must(by === this.#publisher, "only the publisher in office proposes");
    body.skip(64);
    if (op === Op.ProposeCap) this.#capChange = { cap: body.loadCoins(), from: null };
    if (op !== Op.ProposeRoot) return;
    const published = body.skip(32).loadRef().beginParse();
    const next = { root: published.loadUintBig(256), total: published.loadCoins() };
    must(this.#pending === null, "one root is pending at a time");
    must(next.total >= this.#current.total, "the total never falls");
    must(next.total - this.#current.total <= this.#cap, "a root adds at most the cap");
    const { delaySeconds, epochSeconds } = this.#begin;
    const activeAt = Math.max(now + delaySeconds, this.#activatedAt + epochSeconds);
    this.#pending = { ...next, activeAt, endorsed: false };
  }

  #asGuardian(op: number | null, by: string, body: ContractEvent["body"], now: number): void {
    const guards = [Op.VetoRoot, Op.Freeze, Op.Unfreeze, Op.RevokeRoot, Op.EndorseRoot, Op.NamePublisher, Op.AcceptCap];
    if (op === null || ![...guards, Op.RelayCancelSlash].some((guarded) => guarded === op)) return;
    must(by === this.#begin.roles.guardian, "only the guardian guards");
    if (op === Op.VetoRoot) this.#pending = null;
    if (op === Op.EndorseRoot && this.#pending) {
      must(body.skip(64).loadUintBig(256) === this.#pending.root, "only the root that was named is endorsed");
      const activeAt = Math.max(this.#pending.activeAt, now + Terms.ENDORSE_SECONDS);
      this.#pending = { ...this.#pending, endorsed: true, activeAt };
    }
    if (op === Op.Freeze) {
      must(now >= this.#frozenUntil + Terms.FREEZE_PAUSE_SECONDS, "a freeze is followed by as long a pause");
      this.#frozenUntil = now + Terms.FREEZE_SECONDS;
    }
    if (op === Op.Unfreeze) this.#frozenUntil = Math.min(this.#frozenUntil, now + Terms.UNFREEZE_SECONDS);
    if (op === Op.RevokeRoot) {
      must(body.skip(64).loadUintBig(256) === this.#current.root, "only the root that was named is revoked");
      this.#revoke(now);
    }
    if (op === Op.NamePublisher) this.#name(body, now);
    if (op === Op.AcceptCap && this.#capChange) this.#capChange.from = now + Terms.CAP_DELAY;
  }

  #name(body: ContractEvent["body"], now: number): void {
    const address: Address = body.skip(64).loadAddress();
    this.#next = { address: address.toRawString(), from: now + Terms.PUBLISHER_DELAY };
    if (!body.loadBit()) return;
    this.#publisher = null;
    this.#pending = null;
    this.#capChange = null;
  }

  #activate(now: number): void {
    const pending = this.#pending;
    if (!pending) throw new Error("broken: only a pending root becomes current");
    must(now >= pending.activeAt, "a root waits out its delay, and roots come one an epoch");
    this.#previous = this.#current;
    this.#current = { root: pending.root, total: pending.total };
    this.#previousActivatedAt = this.#activatedAt;
    this.#activatedAt = now;
    this.#paidAtActivation = this.#paid;
    this.#pending = null;
  }

  #revoke(now: number): void {
    must(now < this.#frozenUntil, "a root is revoked while frozen only");
    must(now < this.#activatedAt + Terms.REVOKE_SECONDS, "only a young root is revoked");
    const total = this.#previous.total + this.#paid - this.#paidAtActivation;
    this.#current = { root: this.#previous.root, total };
    this.#previous = { root: 0n, total: this.#paid };
    this.#paidAtActivation = this.#paid;
    this.#activatedAt = this.#previousActivatedAt;
    this.#previousActivatedAt = 0;
    this.#pending = null;
  }

  #pay(amount: bigint, now: number): void {
    this.#paid += amount;
    must(this.#paid <= this.#current.total, "no more is paid than was published");
    this.#refill(now);
    this.#bucket.holds -= amount;
    must(this.#bucket.holds >= 0n, "a wrong root drains no more than the bucket");
  }

  #refill(now: number): void {
    const rate = BigInt(Terms.REFILL_EPOCHS) * this.#cap;
    const holds = this.#bucket.holds + (rate * BigInt(now - this.#bucket.at)) / BigInt(this.#begin.epochSeconds);
    const most = BigInt(Terms.BUCKET_EPOCHS) * this.#cap;
    this.#bucket = { holds: holds < most ? holds : most, at: now };
  }

  #applyCap(now: number): void {
    const change = this.#capChange;
    must(change?.from != null && now >= change.from, "another cap is agreed on and has its notice");
    this.#refill(now);
    this.#cap = change!.cap;
    this.#capChange = null;
  }
}
