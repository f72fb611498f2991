import type { Address } from "@ton/core";
import {
  ContributorAccountOp as Op,
  ContributorAccountTerms as Terms,
} from "../../wrappers/contributor-account-codes.ts";
import type { ContractEvent } from "./contract-event.ts";
import { must } from "./part.ts";

/** An account's times and its slashes, for checking. Amounts are nano units. */
export class AccountModel {
  readonly #refunds: Address;
  #everStaked: bigint;
  #unbondAt = 0;
  #disputed: { executeAfter: number } | null = null;
  #coolUntil = 0;
  readonly #executed: { at: number; amount: bigint }[] = [];

  constructor({ staked, refunds }: { staked: bigint; refunds: Address }) {
    this.#everStaked = staked;
    this.#refunds = refunds;
  }

  /** Checks one accepted message and applies it. @throws when a law breaks. */
  accept({ op, body, now, sent }: ContractEvent): void {
    if (op === Op.Stake) this.#everStaked += body.clone().skip(64).loadCoins();
    if (op === Op.RequestUnbond) this.#unbondAt = now + Terms.UNBOND_SECONDS;
    if (op === Op.WithdrawUnbonded) must(now >= this.#unbondAt, "what is unbonded waits its seven days");
    if (op === Op.ProposeSlash) {
      must(!this.#isOpen(now), "one slash is open at a time");
      must(now >= this.#coolUntil, "after a cancelled or expired slash there is none for thirty days");
      this.#disputed = { executeAfter: now + Terms.APPEAL_SECONDS };
    }
    if (op === Op.CancelSlash) {
      must(this.#isOpen(now), "only an open slash is cancelled");
      this.#disputed = null;
      this.#coolUntil = now + Terms.COOL_DOWN_SECONDS;
    }
    if (op === Op.ExecuteSlash) this.#execute(now, sent[0]!);
  }

  #execute(now: number, proceeds: ContractEvent["sent"][number]): void {
    must(this.#isOpen(now) && now >= this.#disputed!.executeAfter, "a slash is executed after its appeal, in a week");
    must(proceeds.to.equals(this.#refunds), "a slash is paid to the refunds' address");
    this.#disputed = null;
    this.#coolUntil = 0;
    this.#executed.push({ at: now, amount: proceeds.value });
    const recent = this.#executed.filter(({ at }) => at > now - Terms.SLASH_WINDOW_SECONDS);
    const sum = recent.reduce((all, { amount }) => all + amount, 0n);
    must(sum * 100n <= this.#everStaked * BigInt(Terms.SLASH_CAP_PERCENT), "no thirty days hold more than 30 %");
  }

  /** An expired slash is none, and cools down like a cancelled one. */
  #isOpen(now: number): boolean {
    if (!this.#disputed) return false;
    const expires = this.#disputed.executeAfter + Terms.DISPUTE_SECONDS;
    if (now < expires) return true;
    this.#coolUntil = expires + Terms.COOL_DOWN_SECONDS;
    this.#disputed = null;
    return false;
  }
}
