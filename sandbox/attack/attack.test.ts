/** Runs every quick attack of `npm run attack` once: no fault the server can detect costs anybody an answer. */
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
const quick = attacks.filter(({ long }) => !long);

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open({ seed: 1, people: 4 });
});

afterAll(() => lab[Symbol.asyncDispose]());

test("no two attacks have one name", () => {
  expect(new Set(attacks.map(({ name }) => name)).size).toBe(attacks.length);
});

/** Retries for worker attacks that got no lease: with two machines, the pool may choose the honest one each time. */
const TRIES_MAX = 5;

test.each(quick)("$finding $name: $tried", async (attack) => {
  for (let tries = 1; ; tries++) {
    const { held, faults, leases } = await wage(attack, lab);
    expect({ held, faults }).not.toMatchObject({ held: "no" });
    if (leases > 0 || !attack.isStrangers) return;
    expect(tries).toBeLessThan(TRIES_MAX);
  }
});
