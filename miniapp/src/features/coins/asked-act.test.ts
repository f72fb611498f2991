import * as fc from "fast-check";
import { answer, dispatch, LATE_SECONDS, prepare } from "@starai/contracts/connect/request-once";
import { expect, test } from "vitest";
import { isUnderWay, paceOfAct, phaseOfAct, restorerOf, settledAct } from "./asked-act.ts";

const NOW = 1_800_000_000;
const VALID_UNTIL = NOW + 300;
const asking = { name: "x", request: dispatch(prepare(null, { queryId: 7n, validUntil: VALID_UNTIL })), sent: false };
const ANSWERS = ["asking", "sent", "refused", "lost"] as const;

/** The act after what its wallet said. */
function after(said: (typeof ANSWERS)[number]) {
  return said === "asking" ? asking : { ...asking, request: answer(asking.request, said), sent: said === "sent" };
}

/** How far a sent act is when the chain shows nothing of it. */
function phaseAt(chainS: number) {
  return phaseOfAct(settledAct(after("sent"), { found: false, chainS }));
}

const restored = restorerOf(({ name }) => (typeof name === "string" ? { name } : null));

test("an act may have been sent until the chain shows it or its time is over, and then nothing is under way", () => {
  const later = fc.integer({ min: 0, max: 3 * LATE_SECONDS });
  fc.assert(
    fc.property(fc.constantFrom(...ANSWERS), fc.boolean(), later, (said, found, seconds) => {
      const kept = after(said);
      const seen = { found, chainS: NOW + seconds };
      const now = settledAct(kept, seen);
      const over = seconds > 300 + LATE_SECONDS;
      const phase = phaseOfAct(now);
      const unseen = over ? "expired" : said === "lost" ? "unknown" : said;
      expect(phase).toBe(said === "refused" ? said : found ? "done" : unseen);
      expect(isUnderWay(phase)).toBe(said !== "refused" && !found && !over);
      expect(now === kept).toBe(phase === phaseOfAct(kept));
    }),
  );
});

test("it expires by the chain's time alone, and not before its message could have come", () => {
  expect(phaseAt(0)).toBe("sent");
  expect(phaseAt(VALID_UNTIL + LATE_SECONDS)).toBe("sent");
  expect(phaseAt(VALID_UNTIL + LATE_SECONDS + 1)).toBe("expired");
});

test("one that the chain shows after all is done, although its time was over", () => {
  const expired = settledAct(asking, { found: false, chainS: VALID_UNTIL + LATE_SECONDS + 1 });
  expect(phaseOfAct(settledAct(expired, { found: true, chainS: VALID_UNTIL + LATE_SECONDS + 2 }))).toBe("done");
});

test("of a page that was closed while the wallet was asked may have been sent, unless the wallet had said that it was", () => {
  expect(phaseOfAct(restored(JSON.stringify(asking)))).toBe("unknown");
  expect(phaseOfAct(restored(JSON.stringify({ ...asking, sent: true })))).toBe("sent");
  expect(phaseOfAct(restored(JSON.stringify(after("refused"))))).toBe("refused");
});

test("what is no act is none, and what was not said was not sent", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => restored(text) === null));
  for (const odd of [{ name: 1 }, { request: 1 }, { request: { ...asking.request, queryId: "x" } }])
    expect(restored(JSON.stringify({ ...asking, ...odd }))).toBeNull();
  expect(restored(JSON.stringify({ ...asking, sent: "yes" }))?.sent).toBe(false);
});

test("an act is looked for often while it can come, seldom after that, and not at all once it is over", () => {
  const [soon, late] = [paceOfAct(after("sent"), NOW), paceOfAct(after("sent"), VALID_UNTIL)];
  expect(Number(soon)).toBeGreaterThan(0);
  expect(Number(late)).toBeGreaterThan(Number(soon));
  expect(paceOfAct(after("refused"), NOW)).toBe(false);
  expect(paceOfAct(null, NOW)).toBe(false);
});
