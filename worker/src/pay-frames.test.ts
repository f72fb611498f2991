/** What a worker and its owner hear of pay, over real sockets and with the commands beside a worker that runs. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { PoolFrame, WorkerStanding } from "@starai/protocol/worker-frames";
import { audit } from "./commands/audit.ts";
import { notes } from "./commands/notes.ts";
import { pair, unpair } from "./commands/pair.ts";
import { askRunningWorker } from "./control.ts";
import { startWorker } from "./daemon.ts";
import type { Worker } from "./daemon.ts";
import type { EarningEvent } from "./earnings/earnings.ts";
import type { WorkerStatus } from "./open-engines.ts";
import { earningLines } from "./terminal-lines.ts";
import { makeWorkerHome, silent } from "./testing/worker-home.ts";
import type { WorkerHome } from "./testing/worker-home.ts";

const nobodys: WorkerStanding = { owner: null, stake: "0", isPaid: false, heldUntilEpoch: null };
const annas: WorkerStanding = {
  owner: { name: "Anna\u001b[2J", wallet: `0:${"ab".repeat(32)}` },
  stake: "5000000000",
  isPaid: true,
  heldUntilEpoch: 3,
};
const standing = (one: WorkerStanding): PoolFrame => ({ type: "standing", standing: one });
const pairing = (code: string): PoolFrame => ({
  type: "pairing",
  code,
  link: `https://t.me/starai_bot?startapp=pair_${code}`,
  expiresAt: new Date(Date.now() + 600_000).toISOString(),
});

let home: WorkerHome;
let worker: Worker | null;
let events: EarningEvent[];
beforeEach(async () => {
  home = await makeWorkerHome();
  [worker, events] = [null, []];
});
afterEach(async () => {
  await worker?.stop();
  await home[Symbol.asyncDispose]();
});

async function joined(options: { pairsItself?: boolean } = {}): Promise<Worker> {
  worker = await startWorker(home.config, { logger: silent, onEarning: (event) => events.push(event), ...options });
  await worker.ready;
  return worker;
}

/** What a command prints, line by line as it comes. */
function printing() {
  let text = "";
  return { write: (more: string) => (text += more), text: () => text };
}

const words = () => events.flatMap(earningLines).join("\n");

test("a worker says which notes it has, keeps those that come, and says so when it joins again", async () => {
  const { id } = await joined();
  expect((await home.pool.next("ready")).notes).toEqual({ coin: 0, stars: 0 });
  const { signer } = home.pool;
  home.pool.send({ type: "credits", notes: [signer.next(id, 5n), signer.next(id, 7n)] });
  await expect.poll(() => events.filter(({ kind }) => kind === "credited").length).toBe(2);
  home.pool.frames.length = 0;
  home.pool.cut();
  expect((await home.pool.next("ready")).notes).toEqual({ coin: 2, stars: 0 });
  const out = printing();
  await notes(home.config, out);
  expect(out.text()).toContain("in all: 0.000000012 coins for 2 jobs");
  expect(out.text()).toContain("Every signature is the pool's, and no number is missing.");
});

test("the command for notes tells of a note that was changed in the file, and of none where none came", async () => {
  const out = printing();
  await notes(home.config, out);
  expect(out.text()).toContain("There are no credit notes of this pool yet");
  const { id } = await joined();
  home.pool.send({ type: "credits", notes: [home.pool.signer.next(id, 5n)] });
  await expect.poll(() => events.length).toBe(1);
  const path = join(home.config.home, "notes.jsonl");
  await writeFile(path, (await readFile(path, "utf8")).replace('\\"amount\\":\\"5\\"', '\\"amount\\":\\"9\\"'));
  const after = printing();
  await notes(home.config, after);
  expect(after.text()).toContain("WRONG  note 1 of coin: the pool's signature is not one of this text");
});

test("at a terminal a machine that is nobody's shows its code by itself, once", async () => {
  home.pool.greeting = () => [standing(nobodys)];
  await joined({ pairsItself: true });
  await home.pool.next("pair");
  home.pool.send(pairing("AB12-CD34"));
  await expect.poll(words).toContain("type the code AB12-CD34 in the app");
  expect(words()).toContain("https://t.me/starai_bot?startapp=pair_AB12-CD34");
  home.pool.cut();
  await home.pool.until(() => home.pool.all("ready").length === 2);
  await home.pool.next("heartbeat");
  expect(home.pool.all("pair")).toHaveLength(1);
});

test("without a terminal no code is asked for", async () => {
  home.pool.greeting = () => [standing(nobodys)];
  await joined();
  await home.pool.next("heartbeat");
  expect(home.pool.all("pair")).toHaveLength(0);
  expect(words()).toContain("this machine is nobody's yet, and its pay waits");
});

test("whose machine it becomes is told at once, with how to undo it, and without what moves a cursor", async () => {
  home.pool.greeting = () => [standing(nobodys)];
  await joined();
  home.pool.send(standing(annas));
  await expect.poll(words).toContain("this machine is now Anna[2J's. If that is not you: npm run worker -- unpair");
  expect(words()).toContain("the stake behind it is 5 coins: it gets paid work");
  expect(words()).toContain("its pay waits until epoch 3 is closed");
  expect(words()).not.toContain("\u001b");
});

test("the command pair goes through the worker that runs, and ends when the code was used", async () => {
  home.pool.greeting = () => [standing(nobodys)];
  await joined();
  const out = printing();
  const done = pair(home.config, out);
  await home.pool.next("pair");
  home.pool.send(pairing("AB12-CD34"));
  await expect.poll(out.text).toContain("AB12-CD34");
  home.pool.send(standing(annas));
  await done;
  expect(out.text()).toContain("this machine is Anna[2J's, and its pay goes to the wallet 0:ababab");
  // The worker kept its one connection.
  expect(home.pool.all("hello")).toHaveLength(1);
});

test("where the answer never came, the command says that no code was shown, not that nobody used it", async () => {
  home.pool.greeting = () => [standing(nobodys)];
  const running = await joined();
  const done = pair(home.config, printing());
  await home.pool.next("pair");
  await Promise.all([expect(done).rejects.toThrow("The pool showed no code: run the command again"), running.stop()]);
});

test("a machine with an owner cannot be paired before it is unpaired", async () => {
  home.pool.greeting = () => [standing(annas)];
  await joined();
  await expect.poll(() => events.length).toBe(1);
  await expect(pair(home.config, printing())).rejects.toThrow(/is Anna\[2J's already.*unpair/);
  expect(home.pool.all("pair")).toHaveLength(0);
  const out = printing();
  const done = unpair(home.config, out);
  await home.pool.next("unpair");
  home.pool.send(standing(nobodys));
  await done;
  expect(out.text()).toContain("this machine is nobody's again. Its key stays");
  const again = printing();
  await unpair(home.config, again);
  expect(again.text()).toBe("this machine is nobody's now\n");
  expect(home.pool.all("unpair")).toHaveLength(1);
});

test("without a worker that runs, the commands join the pool for a moment, with no model", async () => {
  home.pool.greeting = () => [standing(nobodys)];
  const out = printing();
  const done = pair(home.config, out);
  await home.pool.next("pair");
  expect((await home.pool.next("ready")).models).toEqual([]);
  home.pool.send(pairing("AB12-CD34"));
  await expect.poll(out.text).toContain("AB12-CD34");
  home.pool.send(standing(annas));
  await done;
  await home.pool.until(() => home.pool.closes.length > 0);
});

test("a connection that ends while a code is waited for ends the waiting and not the code, and that is said", async () => {
  home.pool.greeting = () => [standing(nobodys)];
  const out = printing();
  const done = pair(home.config, out);
  await home.pool.next("pair");
  home.pool.send(pairing("AB12-CD34"));
  await expect.poll(out.text).toContain("AB12-CD34");
  // As the pool does when the worker of this home joins.
  home.pool.cut();
  await expect(done).rejects.toThrow(/^The connection to the pool ended.*\. The code stays good all the same/);
});

const refusal = (reason: string): PoolFrame => ({ type: "dropped", job: null, fence: null, reason });

test("what the pool refuses of the owner's question is told to whoever asked, without what moves a cursor", async () => {
  home.pool.greeting = () => [standing(nobodys)];
  await joined();
  // One that answers no question is nobody's.
  home.pool.send(refusal("a model is not known"));
  const done = pair(home.config, printing());
  await home.pool.next("pair");
  home.pool.send(refusal("too many codes\u001b[2J: ask again in ten minutes"));
  await expect(done).rejects.toThrow(/^Too many codes\[2J: ask again in ten minutes\.$/);
  expect(events.filter(({ kind }) => kind === "refused")).toHaveLength(1);
  // The next question is not held back by the one that was refused.
  home.pool.frames.length = 0;
  const again = pair(home.config, printing());
  await home.pool.next("pair");
  home.pool.send(standing(annas));
  await expect(again).rejects.toThrow(/already/);
});

/** Its owner allows 80 °C. */
async function startWithHeat(temperatureC: number): Promise<Worker> {
  const limits = { hours: null, temperatureMaxC: 80, pausesWhenUsed: false };
  const readMachine = async () => ({ at: new Date(), temperatureC, inUse: null });
  return await startWorker({ ...home.config, limits }, { logger: silent, readMachine });
}

test("a machine that rests can be unpaired: the command joins the pool itself", async () => {
  home.pool.greeting = () => [standing(annas)];
  worker = await startWithHeat(95);
  const out = printing();
  await expect.poll(isAway).toBe(true);
  const done = unpair(home.config, out);
  await home.pool.next("unpair");
  expect((await home.pool.next("ready")).models).toEqual([]);
  home.pool.send(standing(nobodys));
  await done;
  expect(out.text()).toContain("this machine is nobody's again");
});

/** Whether the worker that runs says that it is not in the pool. */
async function isAway(): Promise<boolean> {
  const replies = await askRunningWorker(home.config.home, "pair");
  for await (const { kind } of replies ?? []) return kind === "away";
  return false;
}

test("a pool of version 1.0 is joined without what it does not know, and says that it pairs no machines", async () => {
  home.pool.isOld = true;
  worker = await startWithHeat(50);
  await worker.ready;
  expect((await home.pool.next("heartbeat")).temperatureC).toBeUndefined();
  expect(home.pool.all("ready").map(({ notes: had }) => had !== undefined)).toEqual([true, false]);
  await expect(pair(home.config, printing())).rejects.toThrow(/This pool is of an older version/);
  expect(home.pool.all("pair")).toHaveLength(0);
  expect(home.pool.closes).toEqual([1002]);
});

test("the commands beside no worker say of such a pool what to do, and not which frame it refused", async () => {
  home.pool.isOld = true;
  for (const command of [pair, unpair])
    await expect(command(home.config, printing())).rejects.toThrow(
      /^This pool is of an older version, which does not pair machines yet: ask its operator for a newer one, and pair then\.$/,
    );
  const out = printing();
  expect(await audit(home.config, out)).toBe(true);
  expect(out.text()).toContain("/epochs is not there: the pool may be of an older version");
});

test("what a pool says when it refuses a machine moves no cursor", async () => {
  home.pool.refuseWith = 1013;
  home.pool.refuseReason = "full\u001b[2J\u001b]0;hello\u0007";
  const statuses: WorkerStatus[] = [];
  worker = await startWorker(home.config, { logger: silent, onStatus: (status) => statuses.push(status) });
  await expect
    .poll(() => statuses.find(({ state }) => state === "waiting"))
    .toMatchObject({ reason: "full[2J]0;hello" });
  await expect(unpair({ ...home.config, home: join(home.config.home, "another") }, printing())).rejects.toThrow(
    /cannot be reached \(full\[2J\]0;hello\)/,
  );
});

test("where no pool answers, the command says so", async () => {
  await expect(pair({ ...home.config, poolUrl: "ws://127.0.0.1:1/pool" }, printing())).rejects.toThrow(
    /The pool at ws:\/\/127\.0\.0\.1:1\/pool cannot be reached/,
  );
});
