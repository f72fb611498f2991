/** What a receipt's reader can find out alone. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Receipt, ReceiptKey, WorkedShare } from "@starai/protocol/receipts";
import { jobPrice, legsOf } from "../billing/job-price.ts";
import type { Worked as Attempt } from "../billing/job-price.ts";
import { testReceipt } from "../testing/money.ts";
import { checkReceipt, faultsInNumbers } from "./check-receipt.ts";
import { keyOfSeed } from "./receipt-key.ts";
import { ReceiptSigner } from "./receipt-signer.ts";
import { readReceipt, receiptText } from "./receipt-text.ts";

const signer = new ReceiptSigner();
const KEY: ReceiptKey = keyOf(signer);
const { jobs } = testReceipt();
const job = jobs[0]!;
const share = job.workers[0]!;

function keyOf({ id, publicKey }: ReceiptSigner, retiredAt: string | null = null): ReceiptKey {
  return { id, publicKey, createdAt: "2026-11-01T00:00:00.000Z", retiredAt };
}

function sign(receipt: Receipt) {
  const text = receiptText(receipt);
  return { receipt: text, ...signer.sign(text) };
}

/** A receipt of several jobs and workers, whose sums the house's own rules made. */
const anyReceipt: fc.Arbitrary<Receipt> = fc
  .record({
    perMillion: fc.record({ prompt: price(), cached: price(), answer: price() }),
    worked: fc.array(
      fc.record({
        prompt: fc.nat(100_000),
        cachedPart: fc.nat(100),
        isUsed: fc.boolean(),
        attempts: fc.array(
          fc.record({
            worker: fc.constantFrom("w1", "w2", "w3"),
            tokens: fc.nat(5_000),
            isFalse: fc.boolean(),
            timed: fc.option(fc.record({ tookMs: fc.nat(30_000), levelMs: fc.constant(10_000) })),
            members: fc.option(
              fc.array(
                fc.record({
                  worker: fc.constantFrom("w1", "w2", "w3"),
                  name: fc.constant("one of a group"),
                  layers: fc.integer({ min: 1, max: 40 }),
                  work: fc.nat(2 ** 40),
                }),
                { minLength: 2, maxLength: 4 },
              ),
            ),
          }),
          { minLength: 1, maxLength: 3 },
        ),
      }),
      { maxLength: 4 },
    ),
  })
  .map(receiptOf);

function price() {
  return fc.bigInt({ min: 0n, max: 10n ** 12n }).map(String);
}

interface Worked {
  readonly prompt: number;
  readonly cachedPart: number;
  readonly isUsed: boolean;
  readonly attempts: Omit<Attempt, "name">[];
}

const HOUSE = { feeBasisPoints: 1_000, lossBasisPoints: 500 };

function receiptOf({ perMillion, worked }: { perMillion: Receipt["price"]["perMillion"]; worked: Worked[] }): Receipt {
  const prices = {
    prompt: BigInt(perMillion.prompt),
    cached: BigInt(perMillion.cached),
    answer: BigInt(perMillion.answer),
  };
  const priced = worked.map(({ prompt, cachedPart, isUsed, attempts }, at) => {
    const cached = Math.floor((prompt * cachedPart) / 100);
    const answer = attempts.reduce((sum, { tokens }) => sum + tokens, 0);
    const tokens = { prompt, cached, answer };
    const named = attempts.map((attempt) => ({ ...attempt, name: "a worker" }));
    const price = jobPrice(prices, { tokens, attempts: named, most: 10n ** 30n, house: HOUSE });
    const jobOf: Receipt["jobs"][number] = {
      ...job,
      job: `${`${at}`.padStart(8, "0")}-0000-4000-8000-000000000000`,
      purpose: isUsed ? "step" : "repair",
      promptTokens: prompt,
      cachedTokens: cached,
      answerTokens: answer,
      amount: String(price.amount),
      paid: isUsed,
      workers: [...price.shares],
    };
    return { price, isUsed, job: jobOf };
  });
  const paid = priced.filter(({ isUsed }) => isUsed);
  const base = testReceipt({ amount: 0n });
  return {
    ...base,
    price: { ...base.price, ...HOUSE, perMillion },
    jobs: priced.map((one) => one.job),
    legs: paid.flatMap(({ price }) => legsOf(price, HOUSE)),
    amount: String(paid.reduce((sum, { price }) => sum + price.amount, 0n)),
  };
}

test("what the house's own rules make is without fault", () => {
  fc.assert(
    fc.property(anyReceipt, (receipt) => {
      expect(faultsInNumbers(receipt)).toEqual([]);
      expect(checkReceipt(sign(receipt), [KEY])).toEqual({ receipt, faults: [] });
    }),
  );
});

test("what a slow worker did not earn is the availability leg's, and a receipt without one is right as before", () => {
  const slow = testReceipt();
  withhold(slow, 300n);
  slow.legs.splice(
    0,
    1,
    { to: "worker", worker: "w1", amount: "600" },
    { to: "availability", worker: null, amount: "300" },
  );
  expect(checkReceipt(sign(slow), [KEY])).toEqual({ receipt: slow, faults: [] });
  expect(receiptText(testReceipt())).not.toContain("withheld");
});

/** Nine hundred for a group of two, of which the first one computed the half of the layers and two thirds of the work. */
function groupReceipt(): Receipt {
  const receipt = testReceipt();
  const of = { ofLayers: 28, ofBytes: 300 };
  first(receipt).workers = [
    { ...share, amount: "600", work: { ...of, layers: 14, bytes: 200 } },
    { ...share, worker: "w2", amount: "300", work: { ...of, layers: 14, bytes: 100 } },
  ];
  receipt.legs.splice(
    0,
    1,
    { to: "worker", worker: "w1", amount: "600" },
    { to: "worker", worker: "w2", amount: "300" },
  );
  return receipt;
}

test("a group's shares follow from its work, and a receipt without any is right as before", () => {
  const receipt = groupReceipt();
  expect(checkReceipt(sign(receipt), [KEY])).toEqual({ receipt, faults: [] });
  expect(receiptText(testReceipt())).not.toContain('"work":');
});

test("a head may hold nothing but the output", () => {
  const receipt = groupReceipt();
  const [head, node] = first(receipt).workers;
  Object.assign(head!.work!, { layers: 0 });
  Object.assign(node!.work!, { layers: 28 });
  expect(faultsInNumbers(receipt)).toEqual([]);
});

test.each<[string, string, (workers: Receipt["jobs"][number]["workers"]) => void]>([
  ["gives one of it another's part", "worth 300", ([one, other]) => swapAmounts(one!, other!)],
  ["leaves out one of it", "computed 14 of 28 layers", (workers) => void workers.pop()],
  ["says that one computed more", "does not add up", ([one]) => void (one!.work!.bytes = 250)],
  ["says of one that all of it was less", "does not add up", ([, other]) => void (other!.work!.ofBytes = 100)],
  ["counts other tokens for one", "the same tokens together", ([, other]) => void (other!.tokens = 99)],
  ["takes back the share of one alone", "the same tokens together", ([, other]) => void (other!.isFalse = true)],
  ["hides that one was of a group", "computed 14 of 28 layers", ([, other]) => void delete other!.work],
])("a group's receipt with a right signature is wrong when it %s", (_what, fault, change) => {
  const receipt = groupReceipt();
  change(first(receipt).workers);
  expect(checkReceipt(sign(receipt), [KEY]).faults.join("\n")).toContain(fault);
});

function swapAmounts(one: WorkedShare, other: WorkedShare): void {
  [one.amount, other.amount] = [other.amount, one.amount];
}

test("free, house, failed and zero receipts are without fault", () => {
  for (const facts of [
    { paidWith: "free" as const },
    { paidWith: "house" as const, kind: "request" as const },
    { outcome: "failed" },
    { amount: 0n },
    { paidWith: "stars" as const },
  ])
    expect(faultsInNumbers(testReceipt(facts))).toEqual([]);
  expect(faultsInNumbers({ ...testReceipt({ outcome: "failed" }), returned: "1000" })).toEqual([]);
});

test("the last step of an answer whose money ran out costs less than its price, and no other one does", () => {
  const cut = testReceipt({ amount: 1_000n });
  cut.price.perMillion.answer = "20000000";
  expect(faultsInNumbers(cut)).toEqual([]);
  const later = { ...cut.jobs[0]!, job: "00000000-0000-4000-8000-000000000001", paid: false, amount: "2000" };
  later.workers = [{ ...share, amount: "1800" }];
  expect(faultsInNumbers({ ...cut, jobs: [...cut.jobs, later] })).toEqual(["Job 1 costs 2000 at the price, not 1000."]);
  expect(faultsInNumbers({ ...cut, jobs: [...cut.jobs, { ...later, purpose: "repair" }] })).toEqual([]);
});

test("any changed character is caught, of the text, the key's id and the signature", () => {
  const signed = sign(testReceipt());
  const anyChange = fc.record({
    part: fc.constantFrom("receipt" as const, "key" as const, "signature" as const),
    at: fc.nat(10_000),
    to: fc.constantFrom(...Array.from('0123456789abzAQ_-. \\"é')),
  });
  fc.assert(
    fc.property(anyChange, ({ part, at, to }) => {
      const text = signed[part];
      const place = at % text.length;
      fc.pre(text[place] !== to);
      const changed = { ...signed, [part]: text.slice(0, place) + to + text.slice(place + 1) };
      expect(checkReceipt(changed, [KEY]).faults).not.toEqual([]);
    }),
    { numRuns: 500 },
  );
});

test("any changed number is caught, even by a house that signs it", () => {
  fc.assert(
    fc.property(anyReceipt, fc.nat(), fc.bigInt({ min: 1n, max: 10n ** 6n }), (receipt, which, more) => {
      const places = amountsIn(receipt);
      const place = places[which % places.length]!;
      const changed = structuredClone(receipt);
      place(changed, more);
      expect(faultsInNumbers(changed)).not.toEqual([]);
    }),
  );
});

const added = (text: string, more: bigint) => String(BigInt(text) + more);

/** What each sum in a receipt is reached by: a function that makes it larger. */
function amountsIn({ jobs, legs }: Receipt): ((receipt: Receipt, more: bigint) => void)[] {
  return [
    (receipt, more) => void (receipt.amount = added(receipt.amount, more)),
    ...jobs.map((_, at) => (receipt: Receipt, more: bigint) => {
      receipt.jobs[at]!.amount = added(receipt.jobs[at]!.amount, more);
    }),
    ...legs.map((_, at) => (receipt: Receipt, more: bigint) => {
      receipt.legs[at]!.amount = added(receipt.legs[at]!.amount, more);
    }),
  ];
}

function receiptWith(change: (receipt: Receipt) => void): Receipt {
  const receipt = testReceipt();
  change(receipt);
  return receipt;
}

const first = (receipt: Receipt) => receipt.jobs[0]!;

/** In the job, and not yet in the legs. */
function withhold(receipt: Receipt, amount: bigint) {
  return Object.assign(first(receipt).workers[0]!, { amount: String(900n - amount), withheld: String(amount) });
}

describe("a receipt with a right signature cannot", () => {
  test.each<[string, string, (receipt: Receipt) => void]>([
    ["cost more than its jobs", "legs add up", (one) => void (one.amount = "1001")],
    ["charge more than its tokens cost", "costs 990 at the price", (one) => void (first(one).answerTokens = 99)],
    ["know more of a prompt than there was", "more cached tokens", (one) => void (first(one).cachedTokens = 601)],
    [
      "give a worker more than its tokens are worth",
      "worth 900",
      (one) => void (first(one).workers[0]!.amount = "901"),
    ],
    [
      "withhold what is nobody's",
      "and withholds 1, and its tokens are worth 900",
      (one) => void (first(one).workers[0]!.withheld = "1"),
    ],
    ["withhold more than half of a share", "more than half", (one) => void withhold(one, 451n)],
    ["keep what it withheld", "availability got 0, and is due 400", (one) => void withhold(one, 400n)],
    ["withhold from false output", "whose share goes to refunds", (one) => void (withhold(one, 400n).isFalse = true)],
    ["pay a worker less than its share", "w1 got 899, and is due 900", (one) => void (one.legs[0]!.amount = "899")],
    ["keep more than the fee", "fee got 51, and is due 50", (one) => void (one.legs[2]!.amount = "51")],
    ["charge a repair", "which nobody pays", (one) => void (first(one).purpose = "repair")],
    ["charge a free answer", "paid with nothing (free)", (one) => void (one.paidWith = "free")],
    ["charge a failed answer", "failed, but cost 1000", (one) => void (one.outcome = "failed")],
    ["return what it keeps", "was kept", (one) => void (one.returned = "1000")],
    ["return more than it cost", "more than all jobs cost", (one) => void (one.returned = "1001")],
    ["pay another worker", "worker w9 got 900, and is due 0", (one) => void (one.legs[0]!.worker = "w9")],
    ["pay for false output", "refunds got 0, and is due 900", (one) => void (first(one).workers[0]!.isFalse = true)],
    ["pay nobody by name", "names no worker", (one) => void (one.legs[0]!.worker = null)],
    ["name a worker for the fee", "names a worker", (one) => void (one.legs[1]!.worker = "w1")],
    ["count a job twice", "in it twice", (one) => void one.jobs.push({ ...first(one), paid: false })],
    ["write an amount in two ways", "written 01000, which is no amount", (one) => void (one.amount = "01000")],
    ["have an amount below nothing", "written -5", (one) => void (one.legs[0]!.amount = "-5")],
  ])("%s", (_what, fault, change) => {
    const { faults } = checkReceipt(sign(receiptWith(change)), [KEY]);
    expect(faults.join("\n")).toContain(fault);
    expect(faults.join("\n")).not.toContain("signature");
  });
});

describe("a signature", () => {
  const signed = sign(testReceipt());

  test("of a key that is not published counts for nothing", () => {
    expect(checkReceipt(signed, []).faults[0]).toContain("not among the published");
  });

  test("of a key published under another's id counts for nothing", () => {
    const other = { ...keyOf(new ReceiptSigner()), id: signer.id };
    expect(checkReceipt(signed, [other]).faults[0]).toContain("does not begin its public key");
  });

  test("of a retired key is right for what it signed before, and wrong for later", () => {
    expect(checkReceipt(signed, [keyOf(signer, "2026-11-29T12:00:05.000Z")]).faults).toEqual([]);
    const { faults } = checkReceipt(signed, [keyOf(signer, "2026-11-29T10:00:00.000Z")]);
    expect(faults.join()).toContain("its key was retired on 2026-11-29T10");
  });

  test("has one text: another with the same bytes is refused", () => {
    const last = signed.signature.at(-1)!;
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const same = signed.signature.slice(0, -1) + alphabet[alphabet.indexOf(last) + 1]!;
    expect(Buffer.from(same, "base64url")).toEqual(Buffer.from(signed.signature, "base64url"));
    expect(checkReceipt({ ...signed, signature: same }, [KEY]).faults[0]).toContain("signature");
  });
});

describe("a receipt's text", () => {
  test("is the same whatever order its members were put together in", () => {
    const receipt = testReceipt();
    const shuffled = JSON.parse(JSON.stringify(receipt, Object.keys(flat(receipt)).reverse())) as Receipt;
    expect(JSON.stringify(shuffled)).not.toBe(JSON.stringify(receipt));
    expect(receiptText(shuffled)).toBe(receiptText(receipt));
  });

  test("has no member that the schema does not know, and is read only as it was written", () => {
    const receipt = testReceipt();
    expect(() => receiptText({ ...receipt, note: "x" } as Receipt)).toThrow(/note/);
    expect(readReceipt(receiptText(receipt))).toEqual(receipt);
    expect(readReceipt(JSON.stringify(receipt, null, 1))).toBeNull();
    expect(readReceipt("{}")).toBeNull();
  });

  test("can be kept by PostgreSQL whatever a worker calls itself", () => {
    const receipt = testReceipt();
    receipt.jobs[0]!.workers[0] = { ...share, name: "a\0b\ud800" };
    const text = receiptText(receipt);
    expect(text).not.toMatch(/u0000|ud800/);
    expect(readReceipt(text)?.jobs[0]!.workers[0]!.name).toBe("a\ufffdb\ufffd");
  });
});

test("a seed of the environment makes the same key each time, and another length makes none", () => {
  const seed = Buffer.alloc(32, 7).toString("base64url");
  expect(new ReceiptSigner(keyOfSeed(seed)!).id).toBe(new ReceiptSigner(keyOfSeed(seed)!).id);
  for (const wrong of ["", "AAAA", `${seed}A`, seed.slice(1)]) expect(keyOfSeed(wrong)).toBeNull();
});

/** Every member's name, for JSON.stringify to order by. */
function flat(value: unknown): Record<string, true> {
  if (typeof value !== "object" || value === null) return {};
  return Object.assign(
    {},
    ...Object.entries(value).map(([name, inner]) => ({ [name]: true, ...flat(inner) })),
  ) as Record<string, true>;
}
