/** The tunnels of a group: open while it lives, to its own head and nodes alone. Over the real port. */
import { randomUUID, sign } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { afterAll, expect, test } from "vitest";
import { TUNNEL_PATH } from "@starai/protocol/split";
import type { GroupFrame } from "@starai/protocol/split";
import { TUNNEL_UPGRADE, tunnelHeaders } from "@starai/protocol/tunnel";
import { tunnelTranscript } from "@starai/protocol/worker-frames";
import { testVocabularies } from "../../testing/pool-stack.ts";
import type { ScriptedWorker } from "../../testing/scripted-worker.ts";
import { SplitPool, say } from "../../testing/split-pool.ts";

const vocabularies = testVocabularies();
afterAll(() => vocabularies[Symbol.asyncDispose]());

interface End {
  readonly group: string;
  readonly secret: string;
  readonly connection: string;
  readonly side: "head" | "node";
}

/** Asks the relay for an end of a tunnel. */
function ask(url: string, { keys }: ScriptedWorker, { group, secret, connection, side }: End) {
  const text = Buffer.from(tunnelTranscript({ secret, connection, side }));
  const signature = sign(null, text, keys.privateKey).toString("hex");
  const headers = {
    connection: "Upgrade",
    upgrade: TUNNEL_UPGRADE,
    ...tunnelHeaders({ group, place: 0, connection, side, signature }),
  };
  const request = http.request(url + TUNNEL_PATH, { headers });
  const opened = once(request, "upgrade") as Promise<[IncomingMessage, Socket]>;
  const refused = once(request, "response") as Promise<[IncomingMessage]>;
  request.end();
  return Promise.race([
    opened.then(([, socket]) => ({ socket, status: 101 })),
    refused.then(([{ statusCode }]) => ({ socket: null, status: statusCode })),
  ]);
}

async function openGroup(pool: SplitPool) {
  const [head, node] = [await pool.head("head"), await pool.lend("node")];
  pool.groups.look();
  const part = await node.frame("group");
  if (part.part.kind !== "node") throw new Error("not a node's part");
  say(node, part, { kind: "ready", direct: null });
  const ofHead: GroupFrame = await head.frame("group");
  return { head, node, group: part.group, secret: part.part.secret, ofHead };
}

test("a head reaches its node through the pool while the group lives, and not a moment longer", async () => {
  await using pool = await SplitPool.open(vocabularies);
  const { url } = pool.stack;
  const { head, node, group, secret, ofHead } = await openGroup(pool);
  const connection = randomUUID();
  const asking = ask(url, head, { group, secret, connection, side: "head" });
  expect(await node.frame("dial")).toEqual({ type: "dial", group, connection });
  const nodes = await ask(url, node, { group, secret, connection, side: "node" });
  const heads = await asking;
  heads.socket!.write("hello");
  expect(String((await once(nodes.socket!, "data"))[0])).toBe("hello");
  const ends = [heads, nodes].map(({ socket }) =>
    once(
      socket!.resume().on("error", () => {}),
      "close",
    ),
  );
  say(head, ofHead, { kind: "ended", reason: "enough", lost: [] });
  await node.frame("ungroup");
  await Promise.all(ends);
  const late = await ask(url, head, { group, secret, connection: randomUUID(), side: "head" });
  expect(late.status).toBe(404);
});

test("nobody else opens one: not another machine with the secret, nor a node as head", async () => {
  await using pool = await SplitPool.open(vocabularies);
  const { url } = pool.stack;
  const { node, group, secret } = await openGroup(pool);
  const thief = await pool.lend("thief", { memoryBytes: 0 });
  for (const machine of [thief, node]) {
    const refused = await ask(url, machine, { group, secret, connection: randomUUID(), side: "head" });
    expect(refused.status).toBe(401);
  }
  expect(node.frames.some(({ type }) => type === "dial")).toBe(false);
});
