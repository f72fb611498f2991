/** For tests: an endpoint that is down, late, or says what is not so, in front of one that tells the truth. */
import type { Address, Transaction } from "@ton/core";
import type { TonClient } from "@ton/ton";

export const MOODS = ["honest", "down", "late", "gap", "reordered", "repeated", "forked", "stranger", "cut"] as const;
export type Mood = (typeof MOODS)[number];

type State = Awaited<ReturnType<TonClient["getContractState"]>>;
type Page = Parameters<TonClient["getTransactions"]>[1];

export class HostileEndpoint {
  mood: Mood = "honest";
  readonly #client: TonClient;
  /** Each account's state when it was first asked for. */
  readonly #old = new Map<string, State>();
  /** A true transaction of another account. */
  #stranger: Transaction | null = null;

  constructor(client: TonClient) {
    this.#client = client;
  }

  /** As the server asks it. */
  get client(): TonClient {
    const asked: Pick<TonClient, "getContractState" | "getTransactions"> = {
      getContractState: (address) => this.#state(address),
      getTransactions: (address, page) => this.#transactions(address, page),
    };
    return asked as TonClient;
  }

  async #state(address: Address): Promise<State> {
    if (this.mood === "down") throw new Error("the endpoint answered 429");
    const state = await this.#client.getContractState(address);
    const key = address.toRawString();
    const old = this.#old.get(key) ?? state;
    this.#old.set(key, old);
    if (this.mood === "late") return old;
    if (this.mood !== "forked" || state.lastTransaction === null) return state;
    return { ...state, lastTransaction: { ...state.lastTransaction, hash: Buffer.alloc(32, 7).toString("base64") } };
  }

  async #transactions(address: Address, page: Page): Promise<Transaction[]> {
    const told = await this.#client.getTransactions(address, page).catch((error: unknown) => {
      // The true one knows no such hash, and this one has a history for it.
      if (this.mood === "forked") return this.#client.getTransactions(address, { limit: page.limit });
      throw error;
    });
    const stranger = this.#stranger;
    this.#stranger = told[0] ?? null;
    switch (this.mood) {
      case "gap":
        return told.filter((_, at) => at !== Math.floor(told.length / 2));
      case "reordered":
        return told.toReversed();
      case "repeated":
        return told.flatMap((one) => [one, one]);
      case "stranger":
        return stranger === null ? told : told.map((one, at) => (at === told.length - 1 ? stranger : one));
      case "cut":
        return told.slice(0, 1);
      case "honest":
      case "down":
      case "late":
      case "forked":
        return told;
    }
  }
}
