import * as fc from "fast-check";
import { expect, test } from "vitest";
import { planClosing } from "./plan-closing.ts";
import type { Earner } from "./plan-closing.ts";

const Amount = fc.bigInt({ min: 0n, max: 10n ** 12n });
const Machine = fc.record({
  due: Amount,
  open: Amount,
  availability: Amount,
  left: Amount,
  wallet: fc.option(fc.constant(`0:${"a".repeat(64)}`)),
  isHeld: fc.boolean(),
  isForfeited: fc.boolean(),
});
const Machines = fc
  .array(Machine, { maxLength: 12 })
  .map((all) => all.map((one, at): Earner => ({ ...one, worker: String(at) })));

test("every coin of a machine goes to its leaf, to refunds or stays; a leaf gets none of a new or banned one", () => {
  fc.assert(
    fc.property(Machines, fc.bigInt({ min: -1n, max: 10n ** 13n }), (earners, room) => {
      const lines = planClosing(earners, room);
      for (const line of lines) {
        const { due, open, availability, wallet, isHeld, isForfeited } = earners[Number(line.worker)]!;
        const given = isForfeited ? 0n : availability;
        expect(line.availability).toBe(given);
        expect(line.released + line.forfeited + line.held).toBe(due + open + given);
        // What an answer under way may still take back is not moved.
        expect(line.held).toBeGreaterThanOrEqual(open);
        expect(line.forfeited).toBe(isForfeited ? due : 0n);
        const most = isHeld || isForfeited || wallet === null ? 0n : due + availability;
        expect(line.released).toBeLessThanOrEqual(most);
      }
      const released = lines.reduce((sum, line) => sum + line.released, 0n);
      expect(released).toBeLessThanOrEqual(room > 0n ? room : 0n);
    }),
  );
});
