import * as fc from "fast-check";
import { expect, test } from "vitest";
import { STAKE_MIN } from "@starai/protocol/contributor";
import { shareAvailability } from "./share-availability.ts";

const COIN = 10n ** 9n;
const Stake = fc.bigInt({ min: STAKE_MIN, max: 10_000n * COIN });
const Seconds = fc.integer({ min: 1, max: 30 * 86_400 });
const Amount = fc.bigInt({ min: 1n, max: 1_000n * COIN });
const Others = fc.array(fc.record({ worker: fc.uuid(), stake: Stake, seconds: Seconds }), { maxLength: 20 });
const isMine = (worker: string) => worker.startsWith("mine");
const sum = (shares: ReadonlyMap<string, bigint>, mine: (worker: string) => boolean) =>
  [...shares].reduce((all, [worker, share]) => (mine(worker) ? all + share : all), 0n);

test("no more is given than there is, and all of it but what cannot be divided", () => {
  fc.assert(
    fc.property(Amount, Others, (amount, machines) => {
      const given = sum(shareAvailability(amount, machines), () => true);
      expect(given <= amount).toBe(true);
      const left = machines.length === 0 ? 0n : amount - given;
      expect(left <= BigInt(machines.length)).toBe(true);
    }),
  );
});

test("a thousand identities of one machine and the same stake get no more than the one", () => {
  const Many = fc.integer({ min: 2, max: 1_000 });
  fc.assert(
    fc.property(Amount, Others, Stake, Seconds, Many, (amount, others, stake, seconds, many) => {
      const one = shareAvailability(amount, [...others, { worker: "mine", stake, seconds }]);
      // The machine works for one of them at a time or answers for all: each was there all the while at best.
      const identities = Array.from({ length: many }, (_, at) => ({
        worker: `mine ${at}`,
        stake: stake / BigInt(many),
        seconds,
      }));
      const split = shareAvailability(amount, [...others, ...identities]);
      expect(sum(split, isMine) <= sum(one, isMine)).toBe(true);
    }),
  );
});

test("who has twice the stake or was there twice as long gets twice as much", () => {
  const machines = [
    { worker: "a", stake: 5n * COIN, seconds: 3_600 },
    { worker: "b", stake: 10n * COIN, seconds: 3_600 },
    { worker: "c", stake: 5n * COIN, seconds: 7_200 },
  ];
  expect([...shareAvailability(5n * COIN, machines).values()]).toEqual([COIN, 2n * COIN, 2n * COIN]);
});

test("a machine below the least stake, or that never was there, has no part, and where nobody has it stays", () => {
  const machines = [
    { worker: "poor", stake: STAKE_MIN - 1n, seconds: 3_600 },
    { worker: "absent", stake: 100n * COIN, seconds: 0 },
  ];
  expect(shareAvailability(COIN, machines).size).toBe(0);
  expect(shareAvailability(0n, [{ worker: "there", stake: 100n * COIN, seconds: 60 }]).size).toBe(0);
});
