/** The pool's word against its own signature: leaf files over a real HTTP server, notes with real signatures. */
import { createHash } from "node:crypto";
import { appendFile, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { EpochView } from "@starai/protocol/contributor";
import { RewardTreeThread } from "@starai/contracts/offchain/reward-tree-thread";
import { writeLeafFile } from "@starai/contracts/offchain/leaf-file";
import { Address } from "@ton/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { claim } from "../commands/claim.ts";
import { loadIdentity } from "../identity.ts";
import { NoteBook } from "../notes/note-book.ts";
import { makeWorkerHome, silent } from "../testing/worker-home.ts";
import type { WorkerHome } from "../testing/worker-home.ts";
import { audit } from "./audit.ts";
import { ChainGuard } from "./chain-guard.ts";
import { epochFile, filesHere, leafOf, readEpochFile } from "./epochs.ts";
import { keepStanding } from "./standing-file.ts";

const WALLET = `0:${"ab".repeat(32)}`;
const OTHER = `0:${"cd".repeat(32)}`;
const DISTRIBUTOR = `0:${"5f".repeat(32)}`;
const CLOSED_AT = "2026-12-01T00:00:00.000Z";

let home: WorkerHome;
beforeEach(async () => (home = await makeWorkerHome()));
afterEach(() => home[Symbol.asyncDispose]());

/** Publishes an epoch whose leaves are these, nano units by wallet. */
function publish(number: number, leaves: Record<string, bigint>, over: Partial<EpochView> = {}): EpochView {
  const sorted = Object.entries(leaves).sort(([one], [other]) => (one < other ? -1 : 1));
  const keys = Buffer.concat(sorted.map(([wallet]) => Buffer.from(wallet.slice(2), "hex")));
  const amounts = BigUint64Array.from(sorted.map(([, amount]) => amount));
  const header = { network: -217, distributor: DISTRIBUTOR, epoch: number };
  const file = Buffer.concat([...writeLeafFile(header, { keys: new Uint8Array(keys), amounts })]);
  home.pool.pages.set(`/epochs/${number}`, file);
  return {
    number,
    state: "active",
    closedAt: CLOSED_AT,
    activeAt: null,
    root: "00".repeat(32),
    dataHash: createHash("sha256").update(file).digest("hex"),
    leaves: sorted.length,
    total: String(amounts.reduce((sum, amount) => sum + amount, 0n)),
    ...over,
  };
}

const show = (...epochs: EpochView[]) => home.pool.pages.set("/epochs", JSON.stringify(epochs));

async function earn(...amounts: [bigint, string][]): Promise<void> {
  const { key: worker } = await loadIdentity(home.config.home);
  const book = await NoteBook.open({ home: home.config.home, worker, logger: silent, say: () => {} });
  await book.meet(home.base);
  book.take(amounts.map(([amount, at]) => home.pool.signer.next(worker, amount, { at })));
  await book.close();
}

const folder = () =>
  join(home.config.home, "epochs", createHash("sha256").update(home.base).digest("hex").slice(0, 16));

const stand = (wallet: string | null, heldUntilEpoch: number | null = null) =>
  keepStanding(home.config.home, home.base, {
    owner: wallet === null ? null : { name: "Anna", wallet },
    stake: "0",
    isPaid: false,
    heldUntilEpoch,
  });

const findings = () => audit(home.config.home, home.base);
const BEFORE = "2026-11-30T12:00:00.000Z";
const AFTER = "2026-12-01T12:00:00.000Z";

test("where the pool publishes nothing, or nothing is closed, or nobody owns the machine, that is said", async () => {
  expect(await findings()).toEqual([{ kind: "unknown", text: expect.stringContaining("does not publish its epochs") }]);
  show();
  expect(await findings()).toEqual([{ kind: "unknown", text: expect.stringContaining("no epoch is closed yet") }]);
  show(publish(1, { [OTHER]: 1n }));
  expect(await findings()).toEqual([{ kind: "unknown", text: expect.stringContaining("no owner with a wallet") }]);
});

test("a leaf that holds what the notes say is good, and later notes do not count for it", async () => {
  await earn([5n, BEFORE], [100n, AFTER]);
  await stand(WALLET);
  show(publish(1, { [WALLET]: 5n, [OTHER]: 9n }));
  expect(await findings()).toEqual([{ kind: "good", text: expect.stringContaining("0.000000005 coins") }]);
});

test("a leaf below the notes is a warning, but not while the pay of a new machine waits", async () => {
  await earn([5n, BEFORE]);
  await stand(WALLET, 2);
  show(publish(1, { [WALLET]: 4n }));
  expect(await findings()).toEqual([{ kind: "unknown", text: expect.stringContaining("waits until epoch 2") }]);
  await stand(WALLET);
  expect(await findings()).toEqual([
    { kind: "warning", text: expect.stringContaining("0.000000001 coins are missing") },
  ]);
});

test("a pool that lets pay wait for longer than a new machine's is warned of, whatever it says of it", async () => {
  await earn([5n, BEFORE]);
  await stand(WALLET, 9);
  const [tomorrow, thereafter] = [{ closedAt: "2026-12-02T00:00:00.000Z" }, { closedAt: "2026-12-03T00:00:00.000Z" }];
  const [first, second] = [publish(1, { [OTHER]: 1n }), publish(2, { [OTHER]: 1n }, tomorrow)];
  show(second, first);
  expect(await findings()).toEqual([{ kind: "unknown", text: expect.stringContaining("waits until epoch 9") }]);
  show(publish(3, { [OTHER]: 1n }, thereafter), second, first);
  expect(await findings()).toEqual([
    { kind: "warning", text: expect.stringContaining("0.000000005 coins are missing") },
  ]);
});

test("a wallet is found in the leaves as the pool writes it, and one that is no address names no leaf", async () => {
  await earn([5n, BEFORE]);
  const friendly = Address.parse(WALLET).toString({ bounceable: false, testOnly: true });
  await stand(friendly);
  await stand("nowhere");
  show(publish(1, { [WALLET]: 5n, [OTHER]: 9n }));
  expect(await findings()).toEqual([{ kind: "good", text: expect.stringContaining("0.000000005 coins") }]);
  const file = await readEpochFile((await filesHere(home.config.home, home.base))[0]!);
  expect(() => leafOf(file, friendly)).toThrow(/not a raw address/);
});

test("what went to an earlier owner's wallet counts too", async () => {
  await earn([5n, BEFORE]);
  await stand(OTHER);
  await stand(WALLET);
  show(publish(1, { [WALLET]: 2n, [OTHER]: 3n }));
  expect(await findings()).toEqual([{ kind: "good", text: expect.any(String) }]);
});

test("a root on its way that lowers the owner's leaf is told, with the command that stops it", async () => {
  await stand(WALLET);
  const current = publish(1, { [WALLET]: 50n });
  show(publish(2, { [WALLET]: 49n, [OTHER]: 100n }, { state: "proposed" }), current);
  const [, lowered] = await findings();
  expect(lowered).toMatchObject({ kind: "warning", isUrgent: true, text: expect.stringContaining("LOWERS the leaf") });
  const [, before = "", after = ""] = /challenge (\S+) (\S+) --distributor/.exec(lowered?.text ?? "") ?? [];
  expect(await readFile(before)).toEqual(home.pool.pages.get("/epochs/1"));
  expect(await readFile(after)).toEqual(home.pool.pages.get("/epochs/2"));
  show(publish(2, { [WALLET]: 50n }, { state: "proposed" }), current);
  expect((await findings()).map(({ kind }) => kind)).toEqual(["good", "good"]);
});

test("while the chain cannot be asked, that is said and the pool's word is all there is", async () => {
  await stand(WALLET);
  const current = publish(1, { [WALLET]: 50n });
  show(publish(2, { [WALLET]: 49n }, { state: "proposed" }), current);
  const env = { TON_ENDPOINT: "http://127.0.0.1:1/jsonRPC" };
  const guard = new ChainGuard({ home: home.config.home, base: home.base, env });
  const found = await audit(home.config.home, home.base, { guard });
  expect(found.slice(1)).toEqual([
    { kind: "warning", isUrgent: true, text: expect.stringContaining("LOWERS the leaf") },
    {
      kind: "unknown",
      text: expect.stringMatching(/the chain was not asked .* No server answers at http:\/\/127\.0\.0\.1:1/),
    },
  ]);
});

test("a damaged record of challenges is a warning, and notes and leaves are compared all the same", async () => {
  await stand(WALLET);
  show(publish(1, { [WALLET]: 5n }));
  await writeFile(join(home.config.home, "roots.json"), "{");
  const guard = new ChainGuard({ home: home.config.home, base: home.base, env: {} });
  expect(await audit(home.config.home, home.base, { guard })).toEqual([
    { kind: "good", text: expect.any(String) },
    { kind: "warning", text: expect.stringContaining("roots.json is damaged: move it away") },
  ]);
});

test("a file that is not the one that was announced is not believed, and not kept", async () => {
  await stand(WALLET);
  show({ ...publish(1, { [WALLET]: 5n }), dataHash: "11".repeat(32) });
  expect(await findings()).toEqual([
    { kind: "warning", text: expect.stringContaining("another hash than the pool says") },
  ]);
  expect(await readdir(folder())).toEqual([]);
});

test("the command rebuilds the tree: a root that its leaves do not have is a warning", async () => {
  await stand(WALLET);
  const epoch = publish(1, { [WALLET]: 5n, [OTHER]: 9n });
  show(epoch);
  const wrong = await audit(home.config.home, home.base, { rebuilds: true });
  expect(wrong[0]).toEqual({ kind: "warning", text: expect.stringContaining("do NOT have the root") });
  const [file = ""] = await readdir(folder());
  await using tree = await RewardTreeThread.open(join(folder(), file));
  show({ ...epoch, root: Buffer.from(tree.facts.root).toString("hex") });
  const right = await audit(home.config.home, home.base, { rebuilds: true });
  expect(right.map(({ kind }) => kind)).toEqual(["good", "good"]);
});

test("old files are dropped: three are kept", async () => {
  await stand(WALLET);
  for (const number of [1, 2, 3, 4, 5]) {
    show(publish(number, { [WALLET]: BigInt(number) }));
    await findings();
  }
  const kept = await readdir(folder());
  expect(kept.map((name) => Number(name.split("-")[1])).sort((one, other) => one - other)).toEqual([3, 4, 5]);
});

test("a pool cannot push out another's files, nor its own newest by numbers that are too high", async () => {
  await stand(WALLET);
  show(publish(7, { [WALLET]: 7n }));
  await findings();
  const elsewhere = await makeWorkerHome();
  const { home: folderOfBoth } = home.config;
  for (const number of [2 ** 31 - 3, 2 ** 31 - 2, 2 ** 31 - 1]) {
    const epoch = publish(number, { [WALLET]: 1n });
    elsewhere.pool.pages.set(`/epochs/${number}`, home.pool.pages.get(`/epochs/${number}`)!);
    await epochFile(folderOfBoth, elsewhere.base, epoch);
  }
  const eighth = publish(8, { [WALLET]: 8n });
  elsewhere.pool.pages.set("/epochs/8", home.pool.pages.get("/epochs/8")!);
  const own = await epochFile(folderOfBoth, elsewhere.base, eighth);
  expect(await readFile(own)).toEqual(home.pool.pages.get("/epochs/8"));
  expect(await filesHere(folderOfBoth, elsewhere.base)).toHaveLength(3);
  expect(await filesHere(folderOfBoth, home.base)).toHaveLength(1);
  show(publish(2 ** 31, { [WALLET]: 1n }));
  expect(await findings()).toEqual([{ kind: "unknown", text: expect.stringContaining("in the form") }]);
  await elsewhere[Symbol.asyncDispose]();
});

function printing() {
  let text = "";
  return { write: (more: string) => (text += more), text: () => text };
}

/** Nobody answers there: what is asked of the chain is another test's, of the command that is passed on to. */
const chain = ["--endpoint=http://127.0.0.1:1/jsonRPC", "--network-id=-217"];

test("a claim takes the newest epoch that can be claimed and says the command that needs no worker", async () => {
  await stand(WALLET);
  show(publish(2, { [WALLET]: 80n }, { state: "proposed" }), publish(1, { [WALLET]: 50n }));
  const out = printing();
  await expect(claim(home.config, { chain }, { out, env: {} })).rejects.toThrow(/127\.0\.0\.1:1/);
  expect(out.text()).toContain("is of epoch 1; the leaf of 0:ababab…ababab is 0.00000005 coins");
  expect(out.text()).toMatch(/npm run ton -- claim \S+epoch-1-\w+\.txt --owner 0:(ab){32} .* --link\n/);
});

test("a claim works from the file that is here when the pool is gone, and says so", async () => {
  await stand(WALLET);
  show(publish(1, { [WALLET]: 50n }));
  await findings();
  home.pool.pages.clear();
  const out = printing();
  await expect(claim(home.config, { chain }, { out, env: {} })).rejects.toThrow(/127\.0\.0\.1:1/);
  expect(out.text()).toContain("The pool does not tell its epochs");
  expect(out.text()).toContain("is of epoch 1");
});

test("when the pool is gone and its newest file is damaged or claims nothing, the one before it is tried", async () => {
  await stand(WALLET);
  for (const number of [1, 2, 3]) {
    show(publish(number, { [number === 2 ? OTHER : WALLET]: 50n }));
    await findings();
  }
  home.pool.pages.clear();
  const [newest = ""] = await filesHere(home.config.home, home.base);
  await appendFile(newest, "x");
  const out = printing();
  await expect(claim(home.config, { chain }, { out, env: {} })).rejects.toThrow(/127\.0\.0\.1:1/);
  expect(out.text()).toMatch(/is of epoch 2; [^]*names nothing for this wallet yet[^]*is of epoch 1; /);
});

test("nothing is claimed before an epoch is active, without an owner, or where the file names nothing", async () => {
  const env = {};
  await stand(WALLET);
  show(publish(1, { [OTHER]: 5n }, { state: "proposed", activeAt: AFTER }));
  await expect(claim(home.config, { chain }, { out: printing(), env })).rejects.toThrow(
    /epoch 1 is proposed, until 2026-12-01/,
  );
  show(publish(1, { [OTHER]: 5n }));
  await expect(claim(home.config, { chain }, { out: printing(), env })).rejects.toThrow(
    /names nothing for this wallet/,
  );
  const stranger = { ...home.config, home: join(home.config.home, "another") };
  await expect(claim(stranger, { chain }, { out: printing(), env })).rejects.toThrow(
    /no owner with a wallet: pair it first/,
  );
});
