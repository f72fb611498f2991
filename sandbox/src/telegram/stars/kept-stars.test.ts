/** What a reopened folder remembers of Stars. */
import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { ANN, BEN, linkOf, refusalOf, shop, subscribed } from "../../testing/shop.ts";
import type { Shop } from "../../testing/shop.ts";
import { testFolder } from "../../testing/simulator.ts";
import { STARS_AT_FIRST } from "./star-ledger.ts";

const seen = async (it: Shop) => [
  await it.balance(ANN),
  await it.balance(BEN),
  await it.subscriptions(ANN),
  await it.api.getStarTransactions(),
  await it.api.getMyStarBalance(),
];

test("a reopened simulator has the same balances, statement, links and subscriptions", async () => {
  const folder = testFolder();
  const first = await subscribed(folder);
  const slug = await linkOf(first);
  const { charge } = (await first.payAnswered({ user: ANN, slug })) as { charge: string };
  await first.api.refundStarPayment(ANN, charge);
  await first.sim("stars", { user: BEN, add: 7 });
  const before = await seen(first);
  expect(before.slice(0, 2)).toEqual([STARS_AT_FIRST - 100, STARS_AT_FIRST + 7]);
  // Opened twice, since opening rewrites the journal from the state.
  for (let time = 0; time < 2; time++) {
    await using again = await shop(folder);
    expect(await seen(again)).toEqual(before);
    expect(await refusalOf(again.api.refundStarPayment(ANN, charge))).toBe("Bad Request: CHARGE_ALREADY_REFUNDED");
    expect((await again.routes.request(`/sim/invoice/${slug}`)).status).toBe(200);
  }
});

test("a data folder from before there were Stars opens, and everybody has the Stars of a newcomer", async () => {
  const folder = testFolder();
  const chat = { id: ANN, type: "private", first_name: "Ann" };
  const message = { message_id: 1, date: 0, chat, text: "old" };
  const records = [
    { kind: "chat", chat },
    { kind: "message", stored: { message } },
  ];
  fs.writeFileSync(path.join(folder, "journal.jsonl"), records.map((each) => `${JSON.stringify(each)}\n`).join(""));
  await using it = await shop(folder);
  expect((await it.transcript(ANN)).messages[0]).toMatchObject({ text: "old", invoice: null, payment: null });
  expect(await it.balance(ANN)).toBe(STARS_AT_FIRST);
  expect(await it.api.getStarTransactions()).toEqual({ transactions: [] });
});
