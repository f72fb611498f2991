import type { StakeView } from "@starai/protocol/contributor";
import { expect, test } from "vitest";
import { isDone, markOf, restoreStakeAct } from "./stake-act.ts";
import type { StakeAct, StakeKind } from "./stake-act.ts";

const ACCOUNT = `0:${"ab".repeat(32)}`;

function shown(over: Partial<StakeView> = {}): StakeView {
  const none = { unbondAt: null, disputed: "0", perMachine: "0", seenAt: null };
  return { account: ACCOUNT, isDeployed: true, stake: "10", unbonding: "4", ...none, ...over };
}

function asked(kind: StakeKind, amount: bigint): StakeAct {
  return { kind, account: ACCOUNT, mark: markOf(kind, shown(), amount) };
}

test("each act is done when the chain shows its change, and not before", () => {
  const changes = [
    { act: asked("stake", 5n), before: { stake: "14" }, after: { stake: "15" } },
    { act: asked("unbond", 3n), before: { unbonding: "6" }, after: { stake: "7", unbonding: "7" } },
    { act: asked("withdraw", 0n), before: { stake: "99" }, after: { unbonding: "0" } },
  ];
  for (const { act, before, after } of changes) {
    expect(isDone(act, shown(before))).toBe(false);
    expect(isDone(act, shown(after))).toBe(true);
  }
});

test("another wallet's account says nothing of an act, nor does a screen without one", () => {
  const act = asked("stake", 5n);
  expect(isDone(act, shown({ stake: "15", account: `0:${"cd".repeat(32)}` }))).toBe(false);
  expect(isDone(act, null)).toBe(false);
});

test("an act is read back from the device as it was kept, and what is no act is none", () => {
  const act = asked("unbond", 3n);
  const request = { state: "unknown", queryId: "7", validUntil: 1_000 };
  const kept = (over: object) => JSON.stringify({ ...act, request, sent: true, ...over });
  expect(restoreStakeAct(kept({}))).toEqual({ ...act, request, sent: true });
  for (const odd of [{ kind: "slash" }, { account: 7 }, { mark: "-1" }]) expect(restoreStakeAct(kept(odd))).toBeNull();
});
