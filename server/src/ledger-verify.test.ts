/** `npm run ledger:verify` as a person runs it, beside a database. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openTestLedger } from "./testing/ledger.ts";
import { urlOf } from "./testing/database.ts";

const ENTRY = fileURLToPath(new URL("ledger-verify.ts", import.meta.url));

async function run(env: Record<string, string>): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, ["--import", "tsx", ENTRY], { env: { PATH: process.env.PATH, ...env } });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return { code: code as number | null, out, err };
}

test("the command ends with 0 where the books are right, and with 1 and what is wrong where they are not", async () => {
  await using books = await openTestLedger();
  const person = await books.account("person", 5n);
  const env = { DATABASE_URL: urlOf(String(books.connection.database)) };
  expect(await run(env)).toEqual({
    code: 0,
    out: "the books are right: looked at 2 accounts, 1 postings, 0 open holds\n",
    err: "",
  });
  await books.pg.query("update ledger_accounts set balance = 6 where id = $1", [person]);
  const wrong = await run(env);
  expect([wrong.code, wrong.err]).toEqual([1, ""]);
  expect(wrong.out).toContain(`account ${person}: balance 6, postings 5`);
});

test("without a database the command says how to name one", async () => {
  expect(await run({})).toMatchObject({ code: 1, err: expect.stringContaining("Set DATABASE_URL or STARAI_HOME") });
});
