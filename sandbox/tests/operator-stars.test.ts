/** `npm run operator -- stars …` against the simulated Telegram and a server's database. */
import { expect, test } from "vitest";
import { readOperatorCommand } from "@starai/server/operator/operator-command";
import { makeInvoiceLink } from "@starai/server/stars/orders";
import { creditPayment } from "@starai/server/stars/payments";
import { watchStars } from "@starai/server/stars/watch-stars";
import { expectBooksRight } from "@starai/server/testing/books";
import { openTestThreads } from "@starai/server/testing/threads";
import { upsertPerson } from "@starai/server/sessions/upsert-person";
import { simulatedTelegram } from "../src/telegram/simulated-telegram.ts";
import { shop, ANN } from "../src/testing/shop.ts";

/** Ann has paid 50 Stars, of which the server has heard or not. */
async function paid({ isHeard = true } = {}) {
  const it = await shop();
  const threads = await openTestThreads();
  const ctx = Object.assign(threads.ctx, { telegram: simulatedTelegram(it) });
  const ann = await upsertPerson(ctx.db, { telegramId: ANN, name: "Ann", language: "en" });
  const { link, id } = await makeInvoiceLink(ctx, ann, { kind: "pack", stars: 50 });
  const { charge } = (await it.payAnswered({ user: ANN, slug: link.replace("https://t.me/$", "") })) as {
    charge: string;
  };
  const payer = { telegramId: ANN, name: "Ann", language: "en" };
  const single = { recurring: false, firstRecurring: false, until: null };
  const payment = { charge, payer, payload: id, stars: 50, at: Math.floor(it.time.now / 1_000), ...single };
  if (isHeard) await creditPayment(ctx, payment);
  return {
    ctx,
    ann,
    charge,
    it,
    /** What the command says, or the sentence it refuses with. */
    async operator(...words: string[]): Promise<string> {
      const said: string[] = [];
      try {
        const asked = readOperatorCommand(["stars", ...words]);
        await asked?.command.run(ctx, asked.words, (line) => void said.push(line));
        return said.join("\n");
      } catch (error) {
        return `refused: ${(error as Error).message}`;
      }
    },
    async [Symbol.asyncDispose]() {
      await expectBooksRight(ctx.pg);
      await it[Symbol.asyncDispose]();
      await threads[Symbol.asyncDispose]();
    },
  };
}

test("a person is shown with balance and charges, by either of their numbers", async () => {
  await using stack = await paid();
  for (const name of [String(ANN), stack.ann.id]) {
    const shown = await stack.operator("show", name);
    expect(shown).toContain(`Person ${stack.ann.id}, Telegram ${ANN}`);
    expect(shown).toContain("Can spend 50 Stars: balance 50, held 0, owed 0");
    expect(shown).toContain(stack.charge);
  }
  expect(await stack.operator("show", "43")).toContain("refused: Nobody here is 43");
  expect(await stack.operator("show", "'; --")).toContain("is no Telegram id");
});

test("a payment is returned once, with who and why on record; what was spent is the house's or a debt", async () => {
  await using stack = await paid();
  expect(await stack.operator("refund", stack.charge)).toContain("refused: Say why");
  expect(await stack.operator("refund", "none", "--why", "asked")).toContain("No payment with this charge");
  const said = await stack.operator("refund", stack.charge, "--why", "asked within a day");
  expect(said).toContain("Telegram returned the payment.\nCredited for it: 50. Taken back from the person: 50.");
  expect(await stack.it.balance(ANN)).toBe(1_000);
  expect(await stack.operator("refund", stack.charge, "--why", "again")).toContain("had been returned before");
  const { rows } = await stack.ctx.pg.query("select verb, why, params from operator_acts");
  expect(rows).toEqual([
    { verb: "stars refund", why: "asked within a day", params: { charge: stack.charge, restTo: "gifts" } },
  ]);
});

test("a payment that was heard of by the statement alone is named; afterwards both agree", async () => {
  await using stack = await paid({ isHeard: false });
  expect(await stack.operator("reconcile")).toBe(
    `Looked at 1 payments and refunds of Telegram's statement.\nCredited, not heard of before: ${stack.charge}\nTelegram's statement and the books agree.`,
  );
  await stack.it.api.refundStarPayment(ANN, stack.charge);
  expect(await stack.operator("reconcile", "--whole")).toContain(`Taken back, not heard of before: ${stack.charge}`);
  expect(await stack.operator("show", String(ANN))).toContain("Can spend 0 Stars");
});

test("a running server compares by itself", async () => {
  await using stack = await paid({ isHeard: false });
  const watch = watchStars(stack.ctx);
  await watch.look();
  await watch.stop();
  expect(await stack.operator("show", String(ANN))).toContain("Can spend 50 Stars");
});

test.each([
  [[], "stars show PERSON"],
  [["double", "x"], 'refused: There is no "stars double"'],
  [["show"], "refused: Write one PERSON"],
  [["reconcile", "ann"], "refused: reconcile takes no names"],
  [["reconcile", "--fast"], "refused: Write one of these"],
  [["refund", "a", "b", "--why", "x"], "refused: Write one CHARGE"],
])("%j is answered in words and changes nothing", async (words, says) => {
  await using stack = await paid();
  expect(await stack.operator(...words)).toContain(says);
  expect(await stack.operator("show", String(ANN))).toContain("Can spend 50 Stars");
});
