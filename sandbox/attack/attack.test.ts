/**
 * Runs the quick attacks of `npm run attack` once, in the long tests all of them: no fault the server can detect costs
 * anybody an answer.
 */
import process from "node:process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WORKER_ATTACKS } from "./behaviours.ts";
import { NETWORK_ATTACKS } from "./hostile-network.ts";
import { USER_ATTACKS } from "./hostile-user.ts";
import { VISITOR_ATTACKS } from "./hostile-visitor.ts";
import { Lab } from "./lab.ts";
import { beside, wage } from "./wage.ts";

const attacks = [
  ...WORKER_ATTACKS.map((attack) => beside(attack, 1)),
  ...USER_ATTACKS,
  ...VISITOR_ATTACKS,
  ...NETWORK_ATTACKS,
];
/** Of the same kind as one that is left, and each of them seconds long: the long tests wage them. */
const KIN = [
  // Of busy-for-ever, poisoned-prefix and refuses-a-good-form.
  "shutting-down-for-ever",
  "poisoned-prefix-and-gone",
  "refuses-no-form",
  "overflow-and-gone",
  // Of half-surrogate, fastest-that-crashes, no-ids-though-declared and control-tokens.
  "half-surrogate-escaped",
  "fresh-names-that-crash",
  "an-empty-answer",
  "cut-after-a-word",
  "more-than-asked-for",
  // Of wrong-number, words-of-other-ids, late-frames and gone-before-the-last-word.
  "ids-of-no-word",
  "somebody-elses-job",
  "half-a-character",
  // Of never-ready, upgrade-to-nowhere, database-killed and "clock +60 min".
  "reconnect-storm",
  "random-bytes",
  "resets",
  "database-paused",
  "server-freezes",
  "clock +5 min",
  "clock −60 min",
  // Of the second server in rolling-restart.test.ts.
  "a-second-server",
];

const quick = attacks.filter(({ long }) => !long);
const waged = process.env.LONG_TESTS === "1" ? quick : quick.filter(({ name }) => !KIN.includes(name));

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open({ seed: 1, people: 4 });
});

afterAll(() => lab[Symbol.asyncDispose]());

test("no two attacks have one name, and what is left to the long tests are quick attacks", () => {
  expect(new Set(attacks.map(({ name }) => name)).size).toBe(attacks.length);
  expect(quick.map(({ name }) => name)).toEqual(expect.arrayContaining(KIN));
});

/** Retries for worker attacks that got no lease: with two machines, the pool may choose the honest one each time. */
const TRIES_MAX = 5;

test.each(waged)("$finding $name: $tried", async (attack) => {
  for (let tries = 1; ; tries++) {
    const { held, faults, leases } = await wage(attack, lab);
    expect({ held, faults }).not.toMatchObject({ held: "no" });
    if (leases > 0 || !attack.isStrangers) return;
    expect(tries).toBeLessThan(TRIES_MAX);
  }
});
