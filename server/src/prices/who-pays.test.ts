import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ERROR_CODES } from "@starai/protocol/error-codes";
import { divideBill } from "./bill.ts";
import { WHO_PAYS, endOfJob, endOfRun, legsOf, lossLeftOf } from "./who-pays.ts";
import type { BilledEnd, EndedJob } from "./who-pays.ts";
import { anyAttempts, gains } from "../testing/prices.ts";

const BILL = divideBill(1_000n, {
  attempts: [
    { worker: "w1", tokens: 50, isFalse: false },
    { worker: "w2", tokens: 30, isFalse: false },
    { worker: "liar", tokens: 20, isFalse: true },
  ],
});
const open = { bill: BILL, captured: false };
const captured = { bill: BILL, captured: true };
const PLENTY = 1_000_000n;

function gained(end: BilledEnd, jobs: EndedJob[], lossLeft = PLENTY) {
  return Object.fromEntries(gains(legsOf(end, { jobs, lossLeft })));
}

function failedRun(code: (typeof ERROR_CODES)[number]) {
  return endOfRun({ kind: "failed", code, message: "" });
}

describe("an end", () => {
  test("of an answer that was given, asked back or stopped is paid by whoever asked", () => {
    for (const kind of ["answered", "asked", "stopped"] as const) expect(WHO_PAYS[endOfRun({ kind })]).toBe("payer");
  });

  test("of an answer that failed is the house's loss, whatever the code, unless the person ended it", () => {
    const paid = ERROR_CODES.filter((code) => WHO_PAYS[failedRun(code)] === "payer");
    expect(paid).toEqual(["not_found", "cancelled"]);
  });

  test("of a job is as that of an answer, and as long as allowed is paid too", () => {
    expect(endOfJob({ kind: "done", finishReason: "stop" })).toBe("answered");
    expect(endOfJob({ kind: "done", finishReason: "length" })).toBe("length");
    expect(endOfJob({ kind: "failed", code: "cancelled" })).toBe("stopped");
    for (const code of ["deadline", "attempts_exhausted", "output_invalid", "internal"] as const)
      expect(WHO_PAYS[endOfJob({ kind: "failed", code })]).toBe("loss");
  });

  test("of work that nobody asked for is never a person's bill", () => {
    for (const end of ["repair", "audit", "canary", "title"] as const)
      expect(gained(end, [open])).toEqual({ loss: -720n, w1: 450n, w2: 270n });
  });
});

describe("an answer that is paid", () => {
  test("gives workers their shares, a false one's share to refunds, and the house its fee", () => {
    expect(gained("stopped", [open])).toEqual({ payer: -1_000n, w1: 450n, w2: 270n, refunds: 180n, fees: 100n });
  });

  test("is not paid a second time for steps that were captured", () => {
    expect(legsOf("answered", { jobs: [captured], lossLeft: PLENTY })).toEqual([]);
  });
});

describe("an answer that failed", () => {
  test("costs nothing for a step that was not captured, and its workers are paid by the house", () => {
    expect(gained("failed", [open])).toEqual({ loss: -720n, w1: 450n, w2: 270n });
  });

  test("gives captured steps back: workers keep their shares, the house pays for them", () => {
    expect(gained("failed", [captured])).toEqual({ payer: 1_000n, refunds: -180n, fees: -100n, loss: -720n });
  });

  test("leaves workers unpaid once the day's losses are reached, and still costs the person nothing", () => {
    expect(gained("failed", [open], 500n)).toEqual({ loss: -500n, w1: 450n, w2: 50n });
    const back = { payer: 1_000n, refunds: -180n, fees: -100n };
    expect(gained("failed", [captured], 500n)).toEqual({ ...back, loss: -500n, w2: -220n });
    expect(gained("failed", [captured, open], 0n)).toEqual({ ...back, w1: -450n, w2: -270n });
  });
});

test("a day's losses are at most a twentieth of its captures", () => {
  expect(lossLeftOf({ captured: 1_000n, lost: 20n })).toBe(30n);
  expect(lossLeftOf({ captured: 1_000n, lost: 60n })).toBe(0n);
  expect(lossLeftOf({ captured: 0n, lost: 0n })).toBe(0n);
});

const anyJob = fc
  .record({ amount: fc.bigInt({ min: 0n, max: 10n ** 15n }), attempts: anyAttempts, captured: fc.boolean() })
  .map(({ amount, attempts, captured }) => ({ bill: divideBill(amount, { attempts }), captured }));
const anyJobs = fc.array(anyJob, { maxLength: 7 });
const anyEnd = fc.constantFrom(...(Object.keys(WHO_PAYS) as BilledEnd[]));
const anyLoss = fc.bigInt({ min: 0n, max: 10n ** 16n });

/** Everything that happened to an answer's money: captures as its steps ended, then what its end added. */
function wholeStory(end: BilledEnd, jobs: readonly EndedJob[], lossLeft: bigint) {
  const steps = jobs.filter(({ captured }) => captured).map((job) => ({ ...job, captured: false }));
  return gains([...legsOf("answered", { jobs: steps, lossLeft: 0n }), ...legsOf(end, { jobs, lossLeft })]);
}

test("for every end the legs add up: the person pays the whole price or nothing, and losses stay within their cap", () => {
  fc.assert(
    fc.property(anyEnd, anyJobs, anyLoss, (end, jobs, lossLeft) => {
      const story = wholeStory(end, jobs, lossLeft);
      const price = jobs.reduce((sum, { bill }) => sum + bill.amount, 0n);
      expect(story.get("payer") ?? 0n).toBe(WHO_PAYS[end] === "payer" ? -price : 0n);
      expect(story.get("loss") ?? 0n).toBeGreaterThanOrEqual(-lossLeft);
      const poorer = [...story].filter(([name, amount]) => amount < 0n && name !== "payer" && name !== "loss");
      expect(poorer).toEqual([]);
      expect([...story.values()].reduce((sum, amount) => sum + amount, 0n)).toBe(0n);
    }),
  );
});

test("with losses to spare, a worker earns the same whether the answer failed or not", () => {
  fc.assert(
    fc.property(anyJobs, (jobs) => {
      const [good, bad] = (["answered", "failed"] as const).map((end) => wholeStory(end, jobs, 10n ** 20n));
      for (const worker of ["w1", "w2", "w3"]) expect(bad!.get(worker) ?? 0n).toBe(good!.get(worker) ?? 0n);
    }),
  );
});

test("no leg is empty or negative", () => {
  fc.assert(
    fc.property(anyEnd, anyJobs, anyLoss, (end, jobs, lossLeft) => {
      for (const { amount } of legsOf(end, { jobs, lossLeft })) expect(amount).toBeGreaterThan(0n);
    }),
  );
});
