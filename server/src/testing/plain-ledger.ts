/** For tests: the ledger as plain arithmetic over a list of what was done, without a database, batches or locks. */
import type { AccountId, Operation, Outcome } from "../ledger/rules/operation.ts";

interface PlainAccount {
  readonly id: AccountId;
  readonly balance: bigint;
  readonly signed: boolean;
}

interface Leg {
  readonly from: AccountId;
  readonly to: AccountId;
  readonly amount: bigint;
}

export class PlainLedger {
  readonly #accounts: readonly PlainAccount[];
  /** In the order in which they happened. */
  #done: Operation[] = [];

  constructor(accounts: readonly PlainAccount[]) {
    this.#accounts = accounts;
  }

  do(operation: Operation): Outcome["kind"] {
    const before = this.#done.find((one) => sameSubject(one, operation));
    if (before !== undefined) return identity(before) === identity(operation) ? "again" : "conflict";
    if (!this.#may(operation)) return "refused";
    this.#done.push(operation);
    return "done";
  }

  /** What was done, where only the sums matter. */
  post(operations: readonly Operation[]): void {
    this.#done = [...operations];
  }

  balance(id: AccountId): { balance: bigint; held: bigint } {
    const legs = this.#done.flatMap((one) => this.#legs(one));
    const start = this.#accounts.find((one) => one.id === id)!.balance;
    const into = sum(legs.filter(({ to }) => to === id));
    const out = sum(legs.filter(({ from }) => from === id));
    const open = this.#holds().filter(({ account, id: hold }) => account === id && !this.#isReleased(hold));
    const held = open.reduce((total, hold) => total + hold.amount - this.#used(hold.id), 0n);
    return { balance: start + into - out, held };
  }

  #may(operation: Operation): boolean {
    switch (operation.verb) {
      case "move":
        return this.#canPay(this.#legs(operation));
      case "hold": {
        const spent = this.#holds()
          .filter(({ caps }) => caps[0]?.owner === operation.caps[0]?.owner)
          .reduce((total, { id, amount }) => total + (this.#isReleased(id) ? this.#used(id) : amount), 0n);
        const { account: from, amount } = operation;
        return this.#canPay([{ from, to: -1, amount }]) && spent + amount <= operation.caps[0]!.amount;
      }
      case "capture": {
        const hold = this.#holds().find(({ id }) => id === operation.hold);
        if (hold === undefined || this.#isReleased(hold.id)) return false;
        const legs = this.#legs(operation);
        return legs.every(({ to }) => to !== hold.account) && this.#used(hold.id) + sum(legs) <= hold.amount;
      }
      case "release":
        return this.#holds().some(({ id }) => id === operation.hold);
      case "reverse": {
        const original = this.#effect(operation.of);
        if (original === undefined || original.verb === "reverse") return false;
        return !this.#isReversed(operation.of) && this.#canPay(this.#legs(operation));
      }
    }
  }

  #canPay(legs: readonly Leg[]): boolean {
    return this.#accounts.every(({ id, signed }) => {
      const { balance, held } = this.balance(id);
      return signed || sum(legs.filter(({ from }) => from === id)) <= balance - held;
    });
  }

  #legs(operation: Operation): Leg[] {
    switch (operation.verb) {
      case "move":
        return [operation];
      case "capture": {
        const from = this.#holds().find(({ id }) => id === operation.hold)!.account;
        return operation.legs.map(({ to, amount }) => ({ from, to, amount }));
      }
      case "reverse": {
        const original = this.#effect(operation.of);
        return original ? this.#legs(original).map(({ from, to, amount }) => ({ from: to, to: from, amount })) : [];
      }
      case "hold":
      case "release":
        return [];
    }
  }

  #holds() {
    return this.#done.filter((one) => one.verb === "hold");
  }

  #used(hold: string): bigint {
    const captures = this.#done.filter((one) => one.verb === "capture" && one.hold === hold);
    return captures.reduce(
      (total, one) => total + (one.verb === "capture" && !this.#isReversed(one.key) ? sum(one.legs) : 0n),
      0n,
    );
  }

  #effect(key: string): Operation | undefined {
    return this.#done.find((one) => "key" in one && one.key === key);
  }

  #isReversed(key: string): boolean {
    return this.#done.some((one) => one.verb === "reverse" && one.of === key);
  }

  #isReleased(hold: string): boolean {
    return this.#done.some((one) => one.verb === "release" && one.hold === hold);
  }
}

function sum(legs: readonly { amount: bigint }[]): bigint {
  return legs.reduce((total, { amount }) => total + amount, 0n);
}

function sameSubject(one: Operation, other: Operation): boolean {
  if (one.verb === "hold") return other.verb === "hold" && one.id === other.id;
  if (one.verb === "release") return other.verb === "release" && one.hold === other.hold;
  return "key" in one && "key" in other && one.key === other.key;
}

/** Without the day, the end and the caps' sizes: a hold is the same whenever it is asked for. */
function identity(operation: Operation): string {
  const { verb, ...asked } = operation;
  const lasting = verb === "hold" ? { ...asked, day: "", expiresAt: "", caps: [] } : asked;
  return JSON.stringify([verb, lasting], (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
}
