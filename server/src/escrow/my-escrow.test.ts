import { expect, test } from "vitest";
import { openTestApp } from "../testing/app.ts";

test("without a network every verb of self-custody says so, and nothing is charged", async () => {
  await using stack = await openTestApp();
  const { my } = await stack.signIn(501);
  const voucher = { round: 0, cumulative: "1", signature: "0".repeat(128) };
  const asked = [my.escrow.$get(), my.escrow.voucher.$put({ json: voucher }), my.escrow.consent.$post()];
  for (const answer of await Promise.all(asked)) {
    expect(answer.status).toBe(503);
    expect(await answer.text()).toMatch(/no TON network.*Nothing was charged/);
  }
});

test("a voucher that is none is refused before anything is asked", async () => {
  await using stack = await openTestApp();
  const { my } = await stack.signIn(502);
  const good = { round: 0, cumulative: "1", signature: "0".repeat(128) };
  const bad = [{ round: -1 }, { round: 2 ** 32 }, { cumulative: "0" }, { cumulative: "-1" }, { cumulative: "1.5" }];
  for (const one of [...bad, { cumulative: "9".repeat(20) }, { signature: "00" }, { signature: "g".repeat(128) }])
    expect((await my.escrow.voucher.$put({ json: { ...good, ...one } })).status).toBe(400);
});

test("without a session there is no escrow", async () => {
  await using stack = await openTestApp();
  expect((await stack.app.request("/api/my/escrow")).status).toBe(401);
});
