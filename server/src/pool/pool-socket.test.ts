import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { text } from "node:stream/consumers";
import { isNotNull } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TUNNEL_PATH } from "@starai/protocol/split";
import { TUNNEL_UPGRADE } from "@starai/protocol/tunnel";
import { CLOSE, PROTOCOL, WORKER_FRAME_BYTES_MAX } from "@starai/protocol/worker-frames";
import type { WorkerFrame } from "@starai/protocol/worker-frames";
import { workers } from "../db/schema.ts";
import { submitJob } from "../jobs/submit-job.ts";
import { ScriptedWorker, newKeys } from "../testing/scripted-worker.ts";
import { jobInput, openPoolStack, plumbingModel, testVocabularies } from "../testing/pool-stack.ts";
import type { PoolStack } from "../testing/pool-stack.ts";

const vocabularies = testVocabularies();
afterAll(() => vocabularies[Symbol.asyncDispose]());

const ready: WorkerFrame = { type: "ready", name: "eve", version: "1", devices: [], models: [], holding: [] };

function hello(worker: ScriptedWorker): void {
  worker.send({ type: "hello", protocol: PROTOCOL, key: worker.keys.key });
}

describe("a worker that joins", () => {
  test("is welcomed and counted, and not remembered before it was given work", async () => {
    await using stack = await openPoolStack(vocabularies);
    const worker = await stack.worker("ann", { slots: 3, tokenIds: false });
    expect(stack.ctx.registry.status()).toMatchObject({
      workersOnline: 1,
      // A stranger is tried with two leases, whatever it says it could hold.
      models: [{ id: "smollm2-135m", workers: 1, slots: 2, freeSlots: 2 }],
    });
    expect(await stack.ctx.db.select().from(workers)).toEqual([]);
    const job = await submitJob(stack.ctx, jobInput());
    const lease = await worker.lease();
    worker.tokens(lease, null, "Hi");
    worker.done(lease);
    await job.result();
    expect(await stack.ctx.db.select().from(workers)).toMatchObject([
      { id: worker.keys.key, name: "ann", version: "test", completed: 1 },
    ]);
    await worker.leave();
    await expect.poll(() => stack.ctx.registry.status().workersOnline).toBe(0);
  });

  test("is written down to have said goodbye when it left itself, but not when its line broke", async () => {
    await using stack = await openPoolStack(vocabularies);
    const { registry } = stack.ctx;
    const [ann, bob] = [await stack.worker("ann"), await stack.worker("bob")];
    const known = [ann, bob].map(({ keys }) => ({ id: keys.key, name: "m", version: "" }));
    await stack.ctx.db.insert(workers).values(known);
    const whoSaidGoodbye = async () => {
      const rows = await stack.ctx.db.select({ id: workers.id }).from(workers).where(isNotNull(workers.saidGoodbyeAt));
      return rows.map(({ id }) => id);
    };
    bob.kill();
    await expect.poll(() => registry.status().workersOnline).toBe(1);
    await ann.leave();
    await expect.poll(whoSaidGoodbye).toEqual([ann.keys.key]);
    // Back again, it is missed when its line breaks at once.
    await stack.worker("ann", {}, ann.keys);
    expect(await whoSaidGoodbye()).toEqual([]);
  });

  test("with a file that is not the catalogue's serves nothing of it, and is sent the reason", async () => {
    await using stack = await openPoolStack(vocabularies);
    const worker = await stack.worker("ann", { sha256: "0".repeat(64) });
    expect((await worker.frame("dropped")).reason).toContain("sha256 differs");
    expect(stack.ctx.registry.status().models).toEqual([]);
  });

  test("reads the beginning that all jobs of its model share", async () => {
    await using stack = await openPoolStack(vocabularies);
    const turns = [{ role: "system" as const, content: "You are StarAI." }];
    const early = await stack.worker("early");
    stack.ctx.registry.setWarmPrefix("smollm2-135m", turns);
    const late = await stack.worker("late");
    expect(await early.frame("warm")).toMatchObject({ turns });
    expect(await late.frame("warm")).toMatchObject({ turns });
  });

  test("twice with one key keeps its newest connection", async () => {
    await using stack = await openPoolStack(vocabularies);
    const keys = newKeys();
    const first = await stack.worker("first", {}, keys);
    await stack.worker("second", {}, keys);
    expect((await first.closing()).code).toBe(CLOSE.replaced);
    expect(stack.ctx.registry.status().workersOnline).toBe(1);
  });
});

async function askTunnel(url: string, headers: Record<string, string>) {
  const upgrade = { connection: "Upgrade", upgrade: TUNNEL_UPGRADE, ...headers };
  const request = http.request(`${url}${TUNNEL_PATH}`, { headers: upgrade, agent: false }).end();
  const [response] = (await once(request, "response")) as [http.IncomingMessage];
  return { status: response.statusCode, words: await text(response) };
}

describe("a stranger", () => {
  let stack: PoolStack;
  beforeAll(async () => {
    stack = await openPoolStack(vocabularies);
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  /** Opens a socket, runs the test's part, and returns how the pool closed it. */
  async function ending(
    speak: (worker: ScriptedWorker) => void | Promise<void>,
  ): Promise<{ code: number; reason: string }> {
    const worker = new ScriptedWorker("eve", [plumbingModel()]);
    await worker.connect(stack.url);
    await speak(worker);
    const end = await worker.closing();
    expect(stack.ctx.registry.size).toBe(0);
    return end;
  }

  test("with somebody else's key is turned away", async () => {
    const end = await ending(async (eve) => {
      eve.send({ type: "hello", protocol: PROTOCOL, key: newKeys().key });
      eve.send({ type: "proof", signature: eve.sign(await eve.frame("challenge")) });
    });
    expect(end).toEqual({ code: CLOSE.unauthorised, reason: "the signature does not match the key" });
  });

  test("with a key that is no key is turned away", async () => {
    const end = await ending(async (eve) => {
      eve.send({ type: "hello", protocol: PROTOCOL, key: "f".repeat(64) });
      eve.send({ type: "proof", signature: eve.sign(await eve.frame("challenge")) });
    });
    expect(end.code).toBe(CLOSE.unauthorised);
  });

  test("that signed for another pool is turned away", async () => {
    const end = await ending(async (eve) => {
      hello(eve);
      eve.send({ type: "proof", signature: eve.sign({ ...(await eve.frame("challenge")), serverId: "another" }) });
    });
    expect(end.code).toBe(CLOSE.unauthorised);
  });

  test("of another protocol major is told to update", async () => {
    const end = await ending((eve) =>
      eve.sendRaw('{"type":"hello","protocol":{"major":2,"minor":0},"key":"x","more":1}'),
    );
    expect(end.code).toBe(CLOSE.upgradeNeeded);
    expect(end.reason).toContain("update the worker");
  });

  test("that skips the proof is turned away", async () => {
    const end = await ending(async (eve) => {
      hello(eve);
      await eve.frame("challenge");
      eve.send(ready);
    });
    expect(end).toMatchObject({
      code: CLOSE.badFrame,
      reason: expect.stringContaining("a proof was expected") as string,
    });
  });

  test.each([
    ["what is not JSON", "hello?", CLOSE.badFrame, "not JSON"],
    ["JSON that is no frame", "[1,2]", CLOSE.badFrame, "bad frame"],
    ["a frame of no known type", '{"type":"sudo"}', CLOSE.badFrame, "bad frame"],
    ["an unknown field", JSON.stringify({ ...ready, admin: true }), CLOSE.badFrame, "admin"],
    ["nothing but null", "null", CLOSE.badFrame, "bad frame"],
    ["a frame too large", "x".repeat(WORKER_FRAME_BYTES_MAX + 1), 1009, ""],
  ])("that sends %s is turned away with a reason", async (_what, text, code, reason) => {
    const end = await ending((eve) => eve.sendRaw(text));
    expect(end.code).toBe(code);
    expect(end.reason).toContain(reason);
  });

  test("that is banned is turned away", async () => {
    const eve = new ScriptedWorker("eve", [plumbingModel()]);
    await stack.ctx.db.insert(workers).values({ id: eve.keys.key, name: "eve", version: "1", bannedAt: new Date() });
    await expect(eve.join(stack.url)).rejects.toThrow(String(CLOSE.banned));
  });

  test("that is a web page is refused before it may speak", async () => {
    const page = new ScriptedWorker("page", []);
    await expect(page.connect(stack.url, { origin: "https://evil.example" })).rejects.toThrow("403");
  });

  test("is refused a tunnel in words, and as a web page without any", async () => {
    expect(await askTunnel(stack.url, {})).toEqual({
      status: 400,
      words: expect.stringContaining("update the worker"),
    });
    expect(await askTunnel(stack.url, { origin: "https://evil.example" })).toEqual({ status: 403, words: "" });
  });

  test("may hold five connections without a proof, and no sixth", async () => {
    const crowd = Array.from({ length: 5 }, (_, index) => new ScriptedWorker(`eve${index}`, []));
    for (const one of crowd) await one.connect(stack.url);
    const sixth = new ScriptedWorker("eve6", []);
    await expect(sixth.connect(stack.url)).rejects.toThrow("429");
    for (const one of crowd) one.kill();
    await expect.poll(() => sixth.connect(stack.url).then(() => "open", String)).toBe("open");
    sixth.kill();
  });
});

describe("an upgrade", () => {
  let stack: PoolStack;
  beforeAll(async () => {
    stack = await openPoolStack(vocabularies);
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  /** The first line of the answer, once the pool has closed the socket. */
  async function answerTo(target: string): Promise<string> {
    const { port } = new URL(stack.url);
    const socket = net.connect(Number(port), "127.0.0.1");
    let said = "";
    socket.on("data", (bytes) => (said += bytes.toString()));
    // Our half of the socket stays open, as a stranger's would.
    socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`);
    await once(socket, "close");
    return said.split("\r\n", 1)[0] ?? "";
  }

  test.each(["//", "///", "/\\", "//:", "//@", "//%", "//x:99999/pool", "/", "/pool/", "/%70ool"])(
    "of %s is somebody else's, refused and let go",
    async (target) => {
      expect(await answerTo(target)).toBe("HTTP/1.1 404 Not Found");
    },
  );

  test.each(["http://[", "http://", "http://x/pool", "*", "pool"])("of %s is no path and refused", async (target) => {
    expect(await answerTo(target)).toBe("HTTP/1.1 400 Bad Request");
  });

  test("of the pool without a WebSocket key is refused, and a worker joins all the same", async () => {
    expect(await answerTo("/pool?x=http://[")).toBe("HTTP/1.1 400 Bad Request");
    await stack.worker("ann");
    expect(stack.ctx.registry.size).toBe(1);
  });
});

test("a worker that floods the pool with frames is turned away, and the pool lives on", async () => {
  await using stack = await openPoolStack(vocabularies);
  const flood = await stack.worker("flood");
  for (let count = 0; count < 5_000; count++) flood.send({ type: "heartbeat", running: 0, freeMemoryBytes: 0 });
  expect((await flood.closing()).reason).toContain("too many frames");
  await stack.worker("good");
  expect(stack.ctx.registry.status().workersOnline).toBe(1);
});

test("claimed slots do not raise the frame budget", async () => {
  await using stack = await openPoolStack(vocabularies);
  const flood = await stack.worker("flood", { slots: 256 });
  for (let count = 0; count < 1_000; count++) flood.send({ type: "heartbeat", running: 0, freeMemoryBytes: 0 });
  expect((await flood.closing()).reason).toContain("too many frames");
});

test("a refusal of a frame that is all one long word names its beginning and costs no time", async () => {
  await using stack = await openPoolStack(vocabularies);
  const eve = await stack.worker("eve");
  eve.sendRaw(JSON.stringify({ type: "heartbeat", running: 0, freeMemoryBytes: 0, ["\u{1F480}".repeat(50_000)]: 1 }));
  const { code, reason } = await eve.closing();
  expect(code).toBe(CLOSE.badFrame);
  expect(reason).toMatch(/^bad frame: .+\u{1F480}$/u);
});
