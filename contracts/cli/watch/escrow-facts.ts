/** What a watch tells of an escrow: whether it is being closed, and who may sign for it and how much. */
import type { Address } from "@ton/core";
import type { EscrowState } from "../../wrappers/Escrow.ts";
import { coins, dateOf } from "../words.ts";
import type { Fact } from "./fact.ts";

export function escrowFacts({ address, state }: { address: Address; state: EscrowState }): Fact[] {
  const { keys, ripeAt, dailyCap } = state;
  const facts: Fact[] = [
    {
      key: "close",
      says:
        ripeAt === null ? "no close is requested" : `a close is requested: the owner may leave from ${dateOf(ripeAt)}`,
      alarming: ripeAt !== null,
    },
    { key: "keys", says: `vouchers are signed by ${keysInWords(keys)}`, alarming: false },
    { key: "cap", says: `vouchers may take ${coins(dailyCap)} a day`, alarming: false },
  ];
  const name = address.toString();
  return facts.map(({ key, says, alarming }) => ({ key: `${name} ${key}`, says: `${name}: ${says}`, alarming }));
}

const keysInWords = (keys: readonly Buffer[]): string =>
  keys.length === 0 ? "nobody yet" : keys.map((key) => key.toString("hex", 0, 4)).join(", ");
