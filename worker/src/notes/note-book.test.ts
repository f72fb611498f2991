import { appendFile, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CreditNote, SignedNote } from "@starai/protocol/credit-note";
import * as fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { NoteSigner, TestPool } from "../testing/pool.ts";
import { makeWorkerHome, silent } from "../testing/worker-home.ts";
import type { WorkerHome } from "../testing/worker-home.ts";
import { checkNote, NOTHING } from "./check-note.ts";
import { NoteBook } from "./note-book.ts";

const WORKER = "ab".repeat(32);
let home: WorkerHome;
let said: string[];
let credited: CreditNote[];
let behind: number;
let books: NoteBook[];

beforeEach(async () => {
  home = await makeWorkerHome();
  [said, credited, behind, books] = [[], [], 0, []];
});
afterEach(async () => {
  for (const book of books) await book.close().catch(() => {});
  await home[Symbol.asyncDispose]();
});

async function openBook(base = home.base): Promise<NoteBook> {
  const book = await NoteBook.open({
    home: home.config.home,
    worker: WORKER,
    logger: silent,
    say: (words) => said.push(words),
    onCredited: (note) => credited.push(note),
    onBehind: () => (behind += 1),
  });
  books.push(book);
  await book.meet(base);
  return book;
}

/** Closes the book, as a worker that stops does; what it took is on the disk then. */
async function close(book: NoteBook): Promise<void> {
  books = books.filter((one) => one !== book);
  await book.close();
}

const next = (amount: bigint, over?: Partial<CreditNote>) => home.pool.signer.next(WORKER, amount, over);
const path = (name: string) => join(home.config.home, name);
const linesOf = async (name: string) => (await readFile(path(name), "utf8")).split("\n").filter(Boolean);

test("notes are kept in order, and the next start goes on after the last of each asset", async () => {
  const book = await openBook();
  expect(await book.meet(home.base)).toEqual({ coin: 0, stars: 0 });
  book.take([next(5n), next(7n), next(3n, { asset: "stars" })]);
  await close(book);
  expect(credited.map(({ asset, total }) => [asset, total])).toEqual([
    ["coin", "5"],
    ["coin", "12"],
    ["stars", "3"],
  ]);
  const again = await openBook();
  expect(await again.meet(home.base)).toEqual({ coin: 2, stars: 1 });
  expect(said).toEqual([]);
});

test("a note that is sent again changes nothing and is nobody's fault", async () => {
  const book = await openBook();
  const first = next(5n);
  book.take([first]);
  book.take([first, next(1n)]);
  await close(book);
  expect(credited.map(({ number }) => number)).toEqual([1, 2]);
  expect(said).toEqual([]);
});

test.each<[string, (good: SignedNote) => SignedNote, RegExp]>([
  [
    "signed by somebody else",
    ({ note, key }) => ({ ...new NoteSigner().sign(JSON.parse(note)), key }),
    /signature is not/,
  ],
  [
    "signed with a key that is not published",
    ({ note }) => new NoteSigner().sign(JSON.parse(note)),
    /does not publish/,
  ],
  [
    "of another machine",
    ({ note }) => home.pool.signer.sign({ ...JSON.parse(note), worker: "cd".repeat(32) }),
    /another machine's/,
  ],
  [
    "whose total is too low",
    ({ note }) => home.pool.signer.sign({ ...JSON.parse(note), total: "4" }),
    /total is 4 and should be 5/,
  ],
  [
    "of less than nothing",
    ({ note }) => home.pool.signer.sign({ ...JSON.parse(note), amount: "-5", total: "-5" }),
    /amount/,
  ],
  ["that is no note", (good) => ({ ...home.pool.signer.sign({} as CreditNote), key: good.key }), /not a credit note/],
])("a note %s is kept apart, and its owner is told", async (_what, spoil, words) => {
  const book = await openBook();
  const good = next(5n);
  book.take([spoil(good), good]);
  await close(book);
  expect(credited).toHaveLength(1);
  expect(said).toEqual([expect.stringMatching(words)]);
  expect(await linesOf("notes.jsonl")).toHaveLength(1);
  expect(await linesOf("refused-notes.jsonl")).toHaveLength(1);
});

test("where a note is missing, the pool is asked for it, and then all of them are kept", async () => {
  const book = await openBook();
  const [one, two] = [next(5n), next(7n)];
  book.take([two]);
  await expect.poll(() => behind).toBe(1);
  await book.meet(home.base);
  book.take([one, two]);
  await close(book);
  expect(credited.map(({ number }) => number)).toEqual([1, 2]);
  expect(said).toEqual([]);
});

test("a pool that leaves the missing note out again, after it was asked for it, is told of", async () => {
  const book = await openBook();
  next(5n);
  const two = next(7n);
  book.take([two]);
  await book.meet(home.base);
  expect(said).toEqual([]);
  book.take([two]);
  await close(book);
  expect(said).toEqual([expect.stringMatching(/number is 2 and should be 1/)]);
  expect(await linesOf("refused-notes.jsonl")).toHaveLength(1);
});

test("this machine's own slowness is nobody's fault: what comes after what was dropped is dropped, until it joins again", async () => {
  const book = await openBook();
  const notes = Array.from({ length: 30 }, () => next(1n));
  for (const note of notes) book.take([note]);
  expect(behind).toBe(1);
  await book.meet(home.base);
  expect(credited).toHaveLength(20);
  for (const note of notes) book.take([note]);
  await close(book);
  expect(said).toEqual([]);
  expect(behind).toBe(2);
  expect(await readFile(path("refused-notes.jsonl")).catch(() => null)).toBeNull();
});

test("keys that changed twice in a connection, or cannot be asked for then, are asked for later", async () => {
  const book = await openBook();
  const [newer, newest] = [new NoteSigner(), new NoteSigner()];
  const show = (...signers: NoteSigner[]) =>
    home.pool.pages.set("/api/receipt-keys", JSON.stringify({ keys: signers.map(({ published }) => published) }));
  show(home.pool.signer, newer);
  book.take([newer.next(WORKER, 1n)]);
  await expect.poll(() => credited.length).toBe(1);
  show(home.pool.signer, newer, newest);
  book.take([newest.next(WORKER, 1n, { number: 2, total: "2" })]);
  await expect.poll(() => behind).toBe(1);
  await book.meet(home.base);
  home.pool.pages.clear();
  book.take([newest.next(WORKER, 1n, { number: 2, total: "2" })]);
  await expect.poll(() => behind).toBe(2);
  show(home.pool.signer, newer, newest);
  await book.meet(home.base);
  book.take([newest.next(WORKER, 1n, { number: 2, total: "2" })]);
  await close(book);
  expect(credited.map(({ number }) => number)).toEqual([1, 2]);
  expect(said).toEqual([]);
});

test("a pool that shows another one's key beside its own cannot go on in that one's book", async () => {
  const thief = new NoteSigner();
  const elsewhere = new TestPool(thief);
  elsewhere.pages.set("/api/receipt-keys", JSON.stringify({ keys: [home.pool.signer.published, thief.published] }));
  const other = (await elsewhere.listening()).replace("ws:", "http:").replace("/pool", "");
  const first = await openBook();
  first.take([next(5n)]);
  await close(first);
  const book = await openBook(other);
  book.take([thief.next(WORKER, 1n, { number: 2, total: "6" })]);
  await close(book);
  expect(credited).toHaveLength(2);
  const again = await openBook();
  expect(await again.meet(home.base)).toEqual({ coin: 1, stars: 0 });
  again.take([next(7n)]);
  await close(again);
  expect(credited.at(-1)).toMatchObject({ number: 2, total: "12" });
  expect(said).toEqual([]);
  await elsewhere.close();
});

test("a pool that moved to another address brings its keys and its count along", async () => {
  const moved = new TestPool(home.pool.signer);
  const first = await openBook();
  first.take([next(5n)]);
  await close(first);
  const book = await openBook((await moved.listening()).replace("ws:", "http:").replace("/pool", ""));
  book.take([next(7n)]);
  await close(book);
  expect(credited.at(-1)).toMatchObject({ number: 2, total: "12" });
  await moved.close();
});

test("half a line at the end, as a crash leaves it, is dropped and asked for again", async () => {
  const book = await openBook();
  const [one, two] = [next(5n), next(7n)];
  book.take([one, two]);
  await close(book);
  const whole = await readFile(path("notes.jsonl"));
  for (const cut of [1, 50, JSON.stringify(two).length]) {
    await truncate(path("notes.jsonl"), whole.length - cut);
    const again = await openBook();
    expect(await again.meet(home.base)).toEqual({ coin: 1, stars: 0 });
    again.take([two]);
    await close(again);
    expect(await readFile(path("notes.jsonl"))).toEqual(whole);
  }
  expect(said).toEqual([]);
});

test("a file damaged in its middle is copied before it is cut, and the owner is told", async () => {
  const book = await openBook();
  book.take([next(5n)]);
  await close(book);
  await appendFile(path("notes.jsonl"), "not a note\nnor this\n");
  const again = await openBook();
  expect(await again.meet(home.base)).toEqual({ coin: 1, stars: 0 });
  expect(said).toEqual([expect.stringMatching(/damaged; it was copied to .*notes\.jsonl\.damaged-/)]);
  expect(await linesOf("notes.jsonl")).toHaveLength(1);
});

test("another pool at the same address begins at one, and the first one's notes stay", async () => {
  const book = await openBook();
  book.take([next(5n), next(7n)]);
  await close(book);
  const other = new NoteSigner();
  home.pool.pages.set("/api/receipt-keys", JSON.stringify({ keys: [other.published] }));
  const again = await openBook();
  expect(await again.meet(home.base)).toEqual({ coin: 0, stars: 0 });
  expect(said).toContainEqual(expect.stringMatching(/has other keys than the one before/));
  again.take([other.next(WORKER, 1n)]);
  await close(again);
  expect(await linesOf("notes.jsonl")).toHaveLength(3);
});

test("a pool that changes its key shows the old one beside it, and the count goes on", async () => {
  const book = await openBook();
  book.take([next(5n)]);
  await close(book);
  const newer = new NoteSigner();
  const keys = [newer.published, { ...home.pool.signer.published, retiredAt: "2026-12-01T00:00:00.000Z" }];
  home.pool.pages.set("/api/receipt-keys", JSON.stringify({ keys }));
  const again = await openBook();
  expect(await again.meet(home.base)).toEqual({ coin: 1, stars: 0 });
  again.take([newer.next(WORKER, 3n, { number: 2, total: "8" })]);
  await close(again);
  expect(credited.at(-1)).toMatchObject({ number: 2, total: "8" });
  expect(said).toEqual([]);
});

test("a key that changed under its id is refused: the one seen first holds", async () => {
  await close(await openBook());
  const forged = { ...home.pool.signer.published };
  forged.publicKey = forged.id + new NoteSigner().published.publicKey.slice(16);
  home.pool.pages.set("/api/receipt-keys", JSON.stringify({ keys: [forged] }));
  const again = await openBook();
  again.take([next(5n)]);
  await close(again);
  expect(credited).toHaveLength(1);
});

test("where the pool's keys cannot be had, nothing is kept unchecked: the notes are asked for later", async () => {
  const silentPool = new TestPool();
  silentPool.pages.clear();
  const base = (await silentPool.listening()).replace("ws:", "http:").replace("/pool", "");
  const book = await openBook(base);
  book.take([next(5n)]);
  await close(book);
  expect([credited.length, behind]).toEqual([0, 1]);
  await silentPool.close();
});

test("a damaged file of keys is not replaced: whoever wrote it could be anybody", async () => {
  await close(await openBook());
  await writeFile(path("pool-keys.json"), "{");
  await expect(openBook()).rejects.toThrow(/pool-keys\.json is damaged: move it away/);
});

test("whatever order notes come in, those that are kept follow each other and add up", () => {
  const signer = new NoteSigner();
  const keys = { [signer.published.id]: signer.published.publicKey };
  const notes = [3n, 1n, 4n, 1n, 5n].map((amount) => signer.next(WORKER, amount));
  fc.assert(
    fc.property(fc.array(fc.nat(notes.length - 1), { maxLength: 20 }), (order) => {
      let last = NOTHING;
      let sum = 0n;
      for (const at of order) {
        const checked = checkNote(notes[at]!, { worker: WORKER, keys, last: () => last });
        if (checked.kind !== "next") continue;
        expect(checked.note.number).toBe(last.number + 1);
        sum += BigInt(checked.note.amount);
        last = { number: checked.note.number, total: BigInt(checked.note.total) };
      }
      expect(last.total).toBe(sum);
    }),
    { numRuns: 50 },
  );
});
