import * as fc from "fast-check";
import { expect, test } from "vitest";
import { loadCatalogue } from "@starai/protocol/catalogue";
import { serviceLevel } from "@starai/protocol/service-level";
import { levelMs, withheldOf } from "./service-level.ts";

const timed = (tookMs: number, levelMs = 1_000) => ({ tookMs, levelMs });

test("a share is earned whole within the service level, and loses evenly up to half of it at twice the level", () => {
  expect([0, 1_000, 1_500, 2_000, 60_000].map((took) => withheldOf(1_000n, timed(took)))).toEqual([
    0n,
    0n,
    250n,
    500n,
    500n,
  ]);
});

test("an attempt whose time nobody knows was in time", () => {
  expect(withheldOf(1_000n, null)).toBe(0n);
});

test("never more than half is withheld, and never less from the slower one", () => {
  const any = fc.nat(10_000_000);
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 10n ** 18n }),
      any,
      any,
      fc.integer({ min: 1, max: 1_000_000 }),
      (share, one, other, level) => {
        const [fast, slow] = [Math.min(one, other), Math.max(one, other)].map((took) =>
          withheldOf(share, timed(took, level)),
        );
        expect(fast).toBeLessThanOrEqual(slow!);
        expect(fast).toBeGreaterThanOrEqual(0n);
        expect(slow! * 2n).toBeLessThanOrEqual(share);
      },
    ),
  );
});

test("a level grows with what is read and written, and a laptop meets the small models'", () => {
  const small = serviceLevel(loadCatalogue().get("qwen2.5-coder-1.5b")!);
  expect(levelMs(small, { read: 0, written: 0 })).toBe(small.firstToken);
  expect(levelMs(small, { read: 100, written: 10 })).toBe(
    small.firstToken + 100 * small.readToken + 10 * small.writtenToken,
  );
  // Three answers at once: 7 tokens a second each, after prompts of 2,000 tokens read at 60 a second one after the other.
  const took = (3 * 2_000 * 1_000) / 60 + (300 * 1_000) / 7;
  expect(took).toBeLessThan(2 * levelMs(small, { read: 2_000, written: 300 }));
  const alone = (2_000 * 1_000) / 60 + (300 * 1_000) / 7;
  expect(alone).toBeLessThan(levelMs(small, { read: 2_000, written: 300 }));
});

test("every size of model has a level", () => {
  for (const parameters of [1, 4e9, 8e9, 32e9, 70e9, 1e12])
    expect(levelMs(serviceLevel({ parameters }), { read: 1, written: 1 })).toBeGreaterThan(1_000);
});
