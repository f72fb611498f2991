/** What the explorer says about a contract of ours: facts in three groups, each with a text key of the page. */
import type { Address } from "@ton/core";
import type { Names, Party } from "./names.ts";

/** Amounts are decimal nano units, times seconds since 1970; `text` is a text key, `share` what is left of a limit. */
export type Fact = { readonly key: string } & (
  | { readonly kind: "amount"; readonly value: string }
  | { readonly kind: "share"; readonly value: string; readonly of: string }
  | { readonly kind: "time"; readonly value: number }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "party"; readonly value: Party }
  | { readonly kind: "hash"; readonly value: string }
  | { readonly kind: "text"; readonly value: string }
);

export interface Holdings {
  /** Text key of the sentence that says what the contract is for. */
  readonly about: string;
  /** What it holds and may pay now. */
  readonly holds: readonly Fact[];
  /** What waits, with the dates at which it may go on. */
  readonly next: readonly Fact[];
  readonly who: readonly Fact[];
}

/** Makes facts; names parties. */
export class Facts {
  readonly #names: Names;
  readonly nowS: number;

  constructor(names: Names, nowS: number) {
    this.#names = names;
    this.nowS = nowS;
  }

  party(key: string, address: Address): Fact {
    return { key, kind: "party", value: this.#names.party(address) };
  }
}

export const nano = (key: string, value: bigint): Fact => ({ key, kind: "amount", value: value.toString() });

/** What is `left` of a limit. */
export const share = (key: string, left: bigint, of: bigint): Fact => ({
  key,
  kind: "share",
  value: left.toString(),
  of: of.toString(),
});

export const time = (key: string, seconds: number): Fact => ({ key, kind: "time", value: seconds });
export const number = (key: string, value: number): Fact => ({ key, kind: "number", value });
export const text = (key: string, value: string): Fact => ({ key, kind: "text", value });
export const hash = (key: string, value: Buffer | bigint): Fact => ({
  key,
  kind: "hash",
  value: typeof value === "bigint" ? value.toString(16).padStart(64, "0") : value.toString("hex"),
});

/** The facts where there is something to say of. */
export const when = (condition: boolean, ...facts: Fact[]): Fact[] => (condition ? facts : []);
