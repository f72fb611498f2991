/** Somebody who deletes themselves while an answer is written: what it leaves is given up with the rest. */
import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { answerOf } from "../client.ts";
import { bills, moneySettings } from "../db/schema.ts";
import { openTestApp } from "../testing/app.ts";
import { expectSound } from "../testing/ledger.ts";
import { fund, whole } from "../testing/money.ts";
import { newPerson } from "../testing/person.ts";
import { Gate, thinks } from "../testing/scripted-thinking.ts";

test("nothing stays held or behind on an account of nobody", async () => {
  await using stack = await openTestApp();
  const { ctx } = stack;
  await ctx.db.insert(moneySettings).values({ name: "free.answersPerDay", value: 0 });
  const ann = await newPerson(stack);
  const { id } = ann.person;
  await fund(ctx, id, { stars: whole(50) });
  const begun = new Gate();
  stack.thinking.script = async function* ({ stop }) {
    yield* thinks("Well");
    begun.open();
    await new Promise((resolve) => stop.addEventListener("abort", resolve));
  };
  const { run } = await ann.send(await ann.newThread(), "Tell me everything.");
  await begun.opened;
  const [bill] = await ctx.db.select().from(bills).where(eq(bills.id, run));
  expect(bill).toMatchObject({ paidWith: "stars", closedAt: null });
  await answerOf(() => ann.my.data.$delete({ query: { money: "give_up" } }));
  const { rows } = await ctx.pg.query(
    "select balance, held from ledger_accounts where asset = 'stars' and owner = $1 and kind = 'person'",
    [`person:${id}`],
  );
  expect(rows).toEqual([{ balance: "0", held: "0" }]);
  await expectSound(ctx.pg);
});
