/** `npm run verify-receipt` against the real routes, a file and the standard input. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { serve } from "@hono/node-server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { receiptKeys } from "../db/schema.ts";
import { openTestApp } from "../testing/app.ts";
import type { TestApp } from "../testing/app.ts";
import { billOf, testReceipt } from "../testing/money.ts";
import { receiptText } from "./receipt-text.ts";
import { VERIFY_RECEIPT_HELP, verifyReceiptCommand } from "./verify-receipt-command.ts";

let stack: TestApp;
let server: ReturnType<typeof serve>;
let folder: string;
let origin: string;
let id: string;

beforeAll(async () => {
  stack = await openTestApp();
  const { signer, db } = stack.ctx;
  await db.insert(receiptKeys).values({ id: signer.id, publicKey: signer.publicKey });
  id = await billOf(stack.ctx, { person: null, paidWith: "free", amount: 41_203n });
  server = serve({ fetch: (request) => stack.app.fetch(request), port: 0, hostname: "127.0.0.1" });
  await new Promise<void>((resolve) => server.once("listening", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  folder = await mkdtemp(path.join(os.tmpdir(), "starai-receipts-"));
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
  await stack[Symbol.asyncDispose]();
});

const nothing = { async *[Symbol.asyncIterator]() {} };

async function verify(words: string[], stdin: AsyncIterable<string> = nothing) {
  const said: string[] = [];
  const right = await verifyReceiptCommand(words, { say: (line) => void said.push(line), stdin });
  return { right, said: said.join("\n") };
}

async function* endless() {
  for (;;) yield "x".repeat(100_000);
}

async function kept(name: string, text: string): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, text);
  return file;
}

const answerOf = async (route: string) => (await fetch(`${origin}${route}`)).text();

test("a receipt is right by its address, by its id, in a file and on the standard input", async () => {
  const receipt = await answerOf(`/api/receipts/${id}`);
  const keys = await kept("keys.json", await answerOf("/api/receipt-keys"));
  async function* piped() {
    yield receipt;
  }
  for (const [words, stdin] of [
    [[`${origin}/api/receipts/${id}`], nothing],
    [[`${origin}/api/receipts/${id}`, "--keys", keys], nothing],
    [[id, "--keys", origin], nothing],
    [[await kept("receipt.json", receipt), "--keys", origin], nothing],
    [["-", "--keys", keys], piped()],
  ] as const) {
    const { right, said } = await verify([...words], stdin);
    expect({ right, said }).toMatchObject({ right: true, said: expect.stringContaining(`receipt ${id}: answer of`) });
    expect(said).toMatch(/^right: signed by the key \S+ of /m);
  }
});

test("one with a changed number is wrong, and it is said why", async () => {
  const receipt = (await answerOf(`/api/receipts/${id}`)).replace('amount\\":\\"41203', 'amount\\":\\"41204');
  const { right, said } = await verify([await kept("changed.json", receipt), "--keys", origin]);
  expect(right).toBe(false);
  expect(said).toMatch(/^wrong: The signature is not one of this text by this key\.$/m);
  expect(said).toMatch(/^wrong: Job 1 costs 41203 at the price, not 41204\.$/m);
});

test("of a model that several machines served it is said which layers each computed, and nothing steers the terminal", async () => {
  const receipt = testReceipt();
  const [whole] = receipt.jobs[0]!.workers;
  const work = { layers: 14, ofLayers: 28, bytes: 1, ofBytes: 2 };
  const halves = [
    { ...whole!, name: "Ann's\u001b[2J laptop" },
    { ...whole!, worker: "b".repeat(64), name: "Bob's" },
  ];
  receipt.jobs[0]!.workers = halves.map((half) => ({ ...half, amount: "450", work }));
  const given = halves.map(({ worker }) => ({ to: "worker" as const, worker, amount: "450" }));
  receipt.legs.splice(0, 1, ...given);
  const text = receiptText(receipt);
  const signed = JSON.stringify({ receipt: text, ...stack.ctx.signer.sign(text) });
  const { right, said } = await verify([await kept("group.json", signed), "--keys", origin]);
  expect({ right, said }).toMatchObject({ right: true });
  expect(said).toContain("job 1: Ann's[2J laptop (w1) computed 14 of 28 layers for 100 tokens, a share of 0.00000045");
  expect(said).toContain("job 1: Bob's (bbbbbbbb) computed 14 of 28 layers for 100 tokens");
});

test("what cannot be checked is said in a sentence", async () => {
  await expect(verify([id])).rejects.toThrow("Whose receipt is it?");
  await expect(verify([id, "--keys", await kept("k.json", "{}")])).rejects.toThrow("An id needs its server");
  await expect(verify(["a", "b"])).rejects.toThrow("One receipt is needed");
  await expect(verify(["--burn"])).rejects.toThrow("One receipt is needed");
  await expect(verify([await kept("odd.json", "<html>"), "--keys", origin])).rejects.toThrow("not a receipt as the");
  await expect(verify([path.join(folder, "gone.json"), "--keys", origin])).rejects.toThrow("no such file");
  const other = id.replace(/^........./, "00000000-");
  await expect(verify([other, "--keys", origin])).rejects.toThrow(`answers 404: {"error"`);
  await expect(verify([id, "--keys", "http://127.0.0.1:9"])).rejects.toThrow("cannot be reached");
  await expect(verify(["-", "--keys", origin], endless())).rejects.toThrow("longer than any receipt");
  expect((await verify([])).said).toBe(VERIFY_RECEIPT_HELP);
});

test("an answer that goes on has no receipt yet, and nobody's id has none", async () => {
  const open = await billOf(stack.ctx, { person: null, paidWith: "house", open: true });
  expect(await answerOf(`/api/receipts/${open}`)).toContain("when the answer has ended");
  expect(await answerOf("/api/receipts/00000000-0000-4000-8000-000000000000")).toContain("There is no receipt");
  expect((await fetch(`${origin}/api/receipts/nonsense`)).status).toBe(400);
});
