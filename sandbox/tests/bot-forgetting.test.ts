/** Being forgotten through the bot while there is money here. */
import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { payouts } from "@starai/server/db/schema";
import { answers } from "@starai/server/testing/scripted-thinking";
import { fund, whole } from "@starai/server/testing/money";
import { openBotStack } from "./bot-stack.ts";

test("/privacy asks about money that is left, with its amount; nothing is lost until it is given up", async () => {
  await using stack = await openBotStack();
  stack.thinking.script = () => answers("noted");
  await stack.say(42, "remember me");
  await stack.until(42, (all) => all.at(-1)?.text === "noted");
  const people = async () =>
    (await stack.ctx.pg.query<{ id: string }>("select id from people")).rows.map(({ id }) => id);
  const [person] = await people();
  await fund(stack.ctx, person!, { stars: whole(48) });
  const last = async (begins: string) =>
    (await stack.until(42, (all) => all.at(-1)?.text.startsWith(begins) === true)).at(-1);
  const ask = async () => {
    await stack.say(42, "/privacy");
    await stack.post("tap", { user: 42, message: (await last("Who can read"))?.id, button: "Delete my data" });
    await stack.post("tap", { user: 42, message: (await last("Delete everything"))?.id, button: "Delete everything" });
    return await last("You still have here: Stars: 48 to spend.");
  };

  await stack.post("tap", { user: 42, message: (await ask())?.id, button: "Keep it" });
  await last("Nothing was deleted.");
  expect(await people()).toEqual([person]);
  await stack.post("tap", { user: 42, message: (await ask())?.id, button: "Give it up and delete everything" });
  await last("Deleted:");
  expect(await people()).toEqual([]);
  const { rows } = await stack.ctx.pg.query("select balance from ledger_accounts where kind = 'refunds'");
  expect(rows).toEqual([{ balance: String(whole(48)) }]);
});

test("a withdrawal under way is nothing to be given up: the chat says to wait or to cancel it", async () => {
  await using stack = await openBotStack();
  stack.thinking.script = () => answers("noted");
  await stack.say(42, "remember me");
  await stack.until(42, (all) => all.at(-1)?.text === "noted");
  const { rows } = await stack.ctx.pg.query<{ id: string }>("select id from people");
  const payout = { id: randomUUID(), person: rows[0]!.id, wallet: "0:1", amount: whole(2), fee: 0n };
  await stack.ctx.db.insert(payouts).values({ ...payout, state: "waiting", readyAt: new Date() });
  for (const data of ["data:delete", "data:give_up"]) {
    const before = (await stack.transcript(42)).length;
    await stack.say(42, "/privacy");
    await stack.until(42, (all) => all.length === before + 2);
    stack.press(42, data);
    const all = await stack.until(42, (now) => now.length === before + 3);
    expect(all.at(-1)).toMatchObject({
      text: expect.stringContaining("A withdrawal is under way: 2 GRAM."),
      buttons: [],
    });
  }
  expect((await stack.ctx.pg.query("select 1 from people")).rows).toHaveLength(1);
});
