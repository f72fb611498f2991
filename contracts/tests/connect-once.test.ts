import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { answer, dispatch, LATE_SECONDS, look, NotAgain, prepare, restore } from "../wrappers/connect/request-once.ts";
import type { RequestOnce } from "../wrappers/connect/request-once.ts";

const first = prepare(null, { queryId: 7n, validUntil: 1_000 });
const sent = dispatch(first);
const lost = answer(sent, "lost");
const second = { queryId: 8n, validUntil: 2_000 };
const notYet = { found: false, chainS: 1_000 + LATE_SECONDS };
const gone = { found: false, chainS: 1_001 + LATE_SECONDS };

describe("a request to a wallet", () => {
  test("is dispatched once and not a second time", () => {
    expect(sent.state).toBe("dispatched");
    expect(() => dispatch(sent)).toThrow(NotAgain);
    for (const request of [lost, answer(sent, "refused"), look(sent, { found: true, chainS: 0 }), look(lost, gone)])
      expect(() => dispatch(request)).toThrow(NotAgain);
  });

  test("that the wallet is being asked for allows no other, not even if the person says so", () => {
    expect(() => prepare(sent, second)).toThrow(NotAgain);
    expect(() => prepare(sent, second, true)).toThrow(NotAgain);
    expect(answer(sent, "sent")).toBe(sent);
  });

  test("that the wallet refused allows another, which has another query id", () => {
    const refused = answer(sent, "refused");
    expect(prepare(refused, second)).toEqual({ state: "prepared", queryId: "8", validUntil: 2_000 });
    expect(() => prepare(refused, { ...second, queryId: 7n })).toThrow("another query id");
  });

  test("whose answer was lost may have been paid: only the chain or the person allows another", () => {
    expect(lost.state).toBe("unknown");
    expect(() => prepare(lost, second)).toThrow("request 7 is unknown");
    expect(prepare(lost, second, true).state).toBe("prepared");
    expect(look(lost, { found: true, chainS: 0 }).state).toBe("seen");
    expect(look(lost, notYet)).toBe(lost);
    expect(look(lost, gone).state).toBe("expired");
    expect(prepare(look(lost, gone), second).state).toBe("prepared");
  });

  test("is seen on chain although the wallet said no, or nothing came while it was valid; nothing unsees it", () => {
    for (const request of [sent, lost, answer(sent, "refused"), look(lost, gone)])
      expect(look(request, { found: true, chainS: 0 }).state).toBe("seen");
    const seen = look(sent, { found: true, chainS: 0 });
    expect(look(seen, gone)).toBe(seen);
    expect(answer(seen, "refused")).toBe(seen);
  });

  test("that was never dispatched does not expire: nobody could have paid it, so it may be sent", () => {
    expect(look(first, gone)).toBe(first);
    expect(prepare(first, { queryId: 7n, validUntil: 2_000 })).toEqual({ ...first, validUntil: 2_000 });
  });

  test("comes out of storage as it went in, except that one whose page is gone has lost its answer", () => {
    for (const request of [
      first,
      lost,
      answer(sent, "refused"),
      look(sent, { found: true, chainS: 0 }),
      look(lost, gone),
    ])
      expect(restore(JSON.stringify(request))).toEqual(request);
    expect(restore(JSON.stringify(sent))).toEqual(lost);
  });

  test("is not read from anything else", () => {
    const broken = [
      "",
      "null",
      "7",
      "[]",
      "{",
      JSON.stringify({ ...sent, state: "new" }),
      JSON.stringify({ ...sent, queryId: 7 }),
      JSON.stringify({ ...sent, queryId: "-7" }),
      JSON.stringify({ ...sent, validUntil: "soon" }),
    ];
    for (const text of broken) expect(restore(text)).toBeNull();
  });

  test("is dispatched at most once for each act of the person, refusal, or proof of the chain, whatever else happens", () => {
    const events = fc.array(
      fc.constantFrom("dispatch", "prepare", "again", "sent", "refused", "lost", "reload", "not yet", "gone"),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(events, (happened) => {
        let request: RequestOnce = first;
        let [dispatched, allowed, queryId] = [0, 1, 7n];
        for (const event of happened) {
          const before: RequestOnce = request;
          request = next(before, event, (queryId += 1n)) ?? before;
          if (event === "dispatch" && request !== before) dispatched += 1;
          const open = before.state === "dispatched" || before.state === "unknown";
          if ((event === "again" || event === "gone" || event === "refused") && open && request !== before)
            allowed += 1;
        }
        expect(dispatched).toBeLessThanOrEqual(allowed);
      }),
      { numRuns: 500 },
    );
  });
});

/** What the caller does; null where the request does not let it. */
function next(request: RequestOnce, event: string, queryId: bigint): RequestOnce | null {
  try {
    switch (event) {
      case "dispatch":
        return dispatch(request);
      case "prepare":
      case "again":
        return prepare(request, { queryId, validUntil: 1_000 }, event === "again");
      case "reload":
        return restore(JSON.stringify(request));
      case "not yet":
        return look(request, notYet);
      case "gone":
        return look(request, gone);
      default:
        return answer(request, event as "sent" | "refused" | "lost");
    }
  } catch (error) {
    if (error instanceof NotAgain) return null;
    throw error;
  }
}
