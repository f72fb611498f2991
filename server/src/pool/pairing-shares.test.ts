import { expect, test } from "vitest";
import { originOf } from "./origin-of.ts";
import { PairingShares } from "./pairing-shares.ts";

const TEN_MINUTES = 10 * 60_000;
const madeOf = (taken: readonly unknown[]) => taken.filter((one) => one !== null).length;

test("an address is given twenty codes in ten minutes, and leaves the others theirs", () => {
  const shares = new PairingShares();
  const [one, other] = [originOf("192.0.2.1"), originOf("198.51.100.1")];
  expect(madeOf(Array.from({ length: 50 }, () => shares.take(one, 1_000)))).toBe(20);
  expect(shares.take(other, 1_000)).not.toBeNull();
  expect(shares.take(one, 1_000 + TEN_MINUTES)).not.toBeNull();
});

test("a network is given a hundred, over however many addresses", () => {
  const shares = new PairingShares();
  const taken = Array.from({ length: 250 }, (_, nth) => shares.take(originOf(`192.0.2.${nth}`), nth));
  expect(madeOf(taken)).toBe(100);
});

test("a code that was not made does not count", () => {
  const shares = new PairingShares();
  const origin = originOf("192.0.2.1");
  for (let nth = 0; nth < 50; nth++) shares.take(origin, nth)!();
  expect(madeOf(Array.from({ length: 50 }, () => shares.take(origin, 60)))).toBe(20);
});
