/** What a watch tells of a distributor: who rules it, whether it pays, and what is about to change. */
import type { Address } from "@ton/core";
import type { DistributorData } from "../../wrappers/RewardDistributor.ts";
import { coins, dateOf } from "../words.ts";
import type { Fact } from "./fact.ts";

/** Ignored in the pool's balance, nano units: the storage reserve under either price list. */
const RESERVE = 100_000_000n;

export interface DistributorView {
  address: Address;
  data: DistributorData;
  /** Nano units. */
  balance: bigint;
  /** The chain's time, UNIX seconds. */
  nowS: number;
}

export function distributorFacts(view: DistributorView): Fact[] {
  const name = view.address.toString();
  const facts = [...stateFacts(view), ...roleFacts(view.data), ...capFacts(view.data)];
  return facts.map(({ key, says, alarming }) => ({ key: `${name} ${key}`, says: `${name}: ${says}`, alarming }));
}

function stateFacts({ data, balance, nowS }: DistributorView): Fact[] {
  const { pending, epoch, totalCum, totalPaid, frozenUntil, endorsed } = data;
  const owed = (pending ?? data).totalCum - totalPaid;
  const missing = owed + RESERVE > balance ? owed + RESERVE - balance : 0n;
  return [
    {
      key: "pool",
      says:
        owed > 0n && missing > 0n
          ? `the pool is short of ${coins(missing)} to pay what is owed${pending ? " and pending" : ""}`
          : "the pool can pay what is owed",
      alarming: owed > 0n && missing > 0n,
    },
    {
      key: "freeze",
      says: frozenUntil > nowS ? `payouts are frozen until ${dateOf(frozenUntil)}` : "payouts are not frozen",
      alarming: frozenUntil > nowS,
    },
    {
      key: "pending",
      says: pending
        ? `the root of epoch ${epoch + 1} is pending, with ${coins(pending.totalCum - totalCum)} of new debt, until ${dateOf(pending.activeAt)}${endorsed ? ", and endorsed: nobody can challenge it" : ""}`
        : `epoch ${epoch} is the current one, and no root is pending`,
      alarming: endorsed,
    },
  ];
}

function roleFacts({ publisher, guardian, nextPublisher, publisherFrom, nextGuardian }: DistributorData): Fact[] {
  return [
    {
      key: "publisher",
      says: publisher
        ? `the publisher is ${person(publisher)}`
        : "the publisher is dismissed, and there is no other yet",
      alarming: publisher === null,
    },
    { key: "guardian", says: `the guardian is ${person(guardian)}`, alarming: false },
    {
      key: "next publisher",
      says: nextPublisher
        ? `${person(nextPublisher)} is named as publisher and may accept from ${dateOf(publisherFrom)}; the treasury can reject it until then`
        : "no other publisher is named",
      alarming: nextPublisher !== null,
    },
    {
      key: "next guardian",
      says: nextGuardian ? `${person(nextGuardian)} is named as guardian` : "no other guardian is named",
      alarming: nextGuardian !== null,
    },
  ];
}

function capFacts({ epochCap, capChange }: DistributorData): Fact[] {
  const other = capChange && coins(capChange.epochCap);
  const from = capChange?.from ? `can be applied from ${dateOf(capChange.from)}` : "is proposed";
  return [
    { key: "cap", says: `the epoch cap is ${coins(epochCap)}`, alarming: false },
    {
      key: "next cap",
      says: other ? `an epoch cap of ${other} ${from}` : "no other epoch cap is proposed",
      alarming: other !== null,
    },
  ];
}

const person = (address: Address): string => address.toString({ bounceable: false });
