import { expect, test } from "vitest";
import { isPaid, restoreClaim } from "./claim-act.ts";

const WALLET = `0:${"a".repeat(64)}`;
const claim = { wallet: WALLET, claimed: "5", owed: "9" };
const shown = (claimed: string, claimable: string, wallet: string | null = WALLET) => ({
  wallet,
  earnings: { claimed, claimable },
});

test("a claim is paid once the chain shows that more was paid, or that less is owed", () => {
  expect(isPaid(claim, shown("5", "9"))).toBe(false);
  expect(isPaid(claim, shown("6", "9"))).toBe(true);
  expect(isPaid(claim, shown("5", "8"))).toBe(true);
});

test("what another wallet was paid does not end it", () => {
  expect(isPaid(claim, shown("6", "0", `0:${"b".repeat(64)}`))).toBe(false);
});

test("a claim that a closing raised meanwhile is not taken for paid", () => {
  expect(isPaid(claim, shown("5", "20"))).toBe(false);
});

test("a claim is read back from the device as it was kept, and what is no claim is none", () => {
  const request = { state: "unknown", queryId: "7", validUntil: 1_000 };
  const kept = (over: object) => JSON.stringify({ ...claim, request, sent: true, ...over });
  expect(restoreClaim(kept({}))).toEqual({ ...claim, request, sent: true });
  for (const odd of [{ wallet: null }, { claimed: "-1" }, { owed: 9 }]) expect(restoreClaim(kept(odd))).toBeNull();
});
