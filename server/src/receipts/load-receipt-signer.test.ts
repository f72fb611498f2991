/** The key that receipts are signed with, from one start to the next. */
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { listReceiptKeys } from "../account/receipts.ts";
import { readConfig } from "../config.ts";
import { operatorActs, receiptKeys } from "../db/schema.ts";
import { receiptCommands } from "../operator/receipt-commands.ts";
import { createTestDatabase } from "../testing/database.ts";
import { testReceipt } from "../testing/money.ts";
import { checkReceipt } from "./check-receipt.ts";
import { loadReceiptSigner } from "./load-receipt-signer.ts";
import { receiptText } from "./receipt-text.ts";

const database = await createTestDatabase();
let home: string;

beforeEach(async () => {
  await database.db.delete(receiptKeys);
  home = await mkdtemp(path.join(os.tmpdir(), "starai-keys-"));
});
afterEach(() => rm(home, { recursive: true }));
afterAll(() => database.close());

const start = (env: Record<string, string> = {}) => {
  const needed = { STARAI_HOME: home, STARAI_MODELS: "/models", STARAI_BOT_KEY: "k".repeat(32) };
  return loadReceiptSigner({ config: readConfig({ ...needed, ...env }), db: database.db });
};

/** What the command says, or why it refuses. */
async function receipts(...words: string[]): Promise<string> {
  const said: string[] = [];
  await receiptCommands.receipts
    .run(database, words, (line) => void said.push(line))
    .catch((error: Error) => {
      said.push(`refused: ${error.message}`);
    });
  return said.join("\n");
}

const file = () => path.join(home, "keys", "receipt-key.pem");
const states = async () => (await listReceiptKeys(database)).map(({ id, retiredAt }) => [id, retiredAt === null]);

test("the first start makes a key that nobody else can read, and later ones use it", async () => {
  const { id } = await start();
  expect((await stat(file())).mode & 0o777).toBe(0o600);
  expect((await stat(path.dirname(file()))).mode & 0o777).toBe(0o700);
  expect((await start()).id).toBe(id);
  expect(await states()).toEqual([[id, true]]);
  expect(await readdir(path.dirname(file()))).toEqual(["receipt-key.pem"]);
});

test("a key that is to be replaced stays in use until the next start, and published for ever", async () => {
  const first = await start();
  expect(await receipts("rotate", "--why", "the disk was sold")).toContain(first.id);
  expect(await states()).toEqual([[first.id, true]]);
  expect(await receipts("keys")).toMatch(/until the next start$/);
  expect(await receipts("rotate", "--why", "again")).toContain("refused: No key is in use");
  const text = receiptText(testReceipt({ openedAt: new Date() }));
  const signed = { receipt: text, ...first.sign(text) };

  const second = await start();
  expect(second.id).not.toBe(first.id);
  expect(await states()).toEqual([
    [first.id, false],
    [second.id, true],
  ]);
  expect(checkReceipt(signed, await listReceiptKeys(database)).faults).toEqual([]);
  expect((await start()).id).toBe(second.id);
  expect(await database.db.select().from(operatorActs)).toContainEqual(
    expect.objectContaining({
      verb: "receipts rotate",
      why: "the disk was sold",
      params: { keys: [{ id: first.id }] },
    }),
  );
});

test("a start that was killed after it wrote the new key goes on with that one", async () => {
  const first = await start();
  await receipts("rotate", "--why", "leaked");
  const pem = await readFile(file(), "utf8");
  const second = await start();
  await writeFile(file(), pem);
  // The old key is back: the next start replaces it again, whatever became of the one between.
  const third = await start();
  expect(new Set([first.id, second.id, third.id]).size).toBe(3);
  expect((await states()).filter(([, inUse]) => inUse)).toEqual([[third.id, true]]);
});

test("a key of the environment takes the place of the file's, and refuses the start once it is to be replaced", async () => {
  const first = await start();
  const STARAI_RECEIPT_KEY = Buffer.alloc(32, 7).toString("base64url");
  const own = await start({ STARAI_RECEIPT_KEY });
  expect(await states()).toEqual([
    [first.id, false],
    [own.id, true],
  ]);
  await receipts("rotate", "--why", "leaked");
  await expect(start({ STARAI_RECEIPT_KEY })).rejects.toThrow(`holds the key ${own.id}, which is retired or to be`);
  const next = await start({ STARAI_RECEIPT_KEY: Buffer.alloc(32, 8).toString("base64url") });
  expect((await states()).filter(([, inUse]) => inUse)).toEqual([[next.id, true]]);
  await expect(start({ STARAI_RECEIPT_KEY })).rejects.toThrow("set a new one");
});

test("a file that holds no such key refuses the start in words, and is left as it is", async () => {
  await start();
  for (const wrong of ["nonsense", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]) {
    await writeFile(file(), wrong);
    await expect(start()).rejects.toThrow(/receipt-key.pem holds no private key: put it back from a backup/);
    expect(await readFile(file(), "utf8")).toBe(wrong);
  }
  expect(() => readConfig({ STARAI_RECEIPT_KEY: "short" })).toThrow(/STARAI_RECEIPT_KEY: 32 bytes in base64url/);
});

test("a rotation without a reason is refused, and so is what the command does not know", async () => {
  expect(await receipts("keys")).toBe("There is no key yet: the server makes one when it starts.");
  expect(await receipts("rotate", "--why", "x")).toContain("refused: No key is in use");
  await start();
  for (const words of [["rotate"], ["rotate", "--why", "  "]])
    expect(await receipts(...words)).toContain("refused: Say why");
  for (const words of [[], ["burn"], ["keys", "all"], ["--now"]])
    expect(await receipts(...words)).toMatch(/^refused: npm/);
});
