/** The dev wallet by its routes, as scripts and pages of any kind may call them. */
import fs from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { serve } from "@hono/node-server";
import { beginCell, toNano } from "@ton/core";
import { Base64, hexToByteArray, SessionCrypto } from "@tonconnect/protocol";
import * as fc from "fast-check";
import { Hono } from "hono";
import { EscrowOp } from "@starai/contracts/escrow-codes";
import { VaultOp } from "@starai/contracts/vault-codes";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { personOf, TestTon } from "../testing/chain.ts";
import { devWallet } from "./dev-wallet.ts";

type Json = Record<string, unknown>;

let ton: TestTon;
let http: Server;
let origin: string;
const folder = () => path.join(ton.folder, "wallet");
const app = () =>
  new Hono()
    .get("/tonconnect-manifest.json", (c) => c.json({ url: origin, name: "App" }))
    .get("/broken.json", (c) => c.text("{"))
    .get("/elsewhere.json", (c) => c.redirect("/tonconnect-manifest.json"))
    .route("/", devWallet({ ton: ton.ton, folder: folder() }));

beforeAll(async () => {
  ton = await TestTon.open();
  http = await new Promise<Server>((resolve) => {
    const server = serve({ fetch: app().fetch, hostname: "127.0.0.1", port: 0 }, () => resolve(server as Server));
  });
  origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const [account] = (await state()).accounts;
  await ton.post("/faucet", { address: account!.raw, amount: String(toNano(5)) });
});
afterAll(async () => {
  http.closeAllConnections();
  http.close();
  await ton[Symbol.asyncDispose]();
});

async function post(what: string, body: unknown): Promise<{ status: number; body: Json }> {
  const answer = await fetch(`${origin}/wallet/${what}`, { method: "POST", body: JSON.stringify(body) });
  return { status: answer.status, body: (await answer.json()) as Json };
}

async function state(): Promise<{ accounts: { raw: string }[]; approvals: string[] }> {
  return (await (await fetch(`${origin}/wallet/api/state`)).json()) as Awaited<ReturnType<typeof state>>;
}

const connecting = (change: Json = {}) => ({
  manifestUrl: `${origin}/tonconnect-manifest.json`,
  items: [{ name: "ton_addr" }],
  ...change,
});
const yes = { approved: true, play: null };
const no = { approved: false, play: null };

/** An injected page's session with the first account, which has money. */
async function connected(): Promise<string> {
  const { approval } = (await post("api/connect", { request: connecting() })).body;
  const { body } = await post(`api/approvals/${String(approval)}`, yes);
  return body.session as string;
}

const OPS = [...Object.values(EscrowOp), ...Object.values(VaultOp)];
const uint32 = (value: number) => Buffer.from(value.toString(16).padStart(8, "0"), "hex");
const shop = personOf("shop").wallet.address;
const paying = (change: Json = {}, id = "1") => ({
  method: "sendTransaction",
  params: [JSON.stringify({ messages: [{ address: shop.toString(), amount: "1000" }], ...change })],
  id,
});
const ask = async (session: string, request: unknown) => (await post("api/ask", { session, request })).body;

describe("a page that connects", () => {
  test.each<[string, number, () => Json]>([
    ["another site's manifest", 2, () => connecting({ manifestUrl: "https://evil.example/manifest.json" })],
    ["a manifest that is not there", 2, () => connecting({ manifestUrl: `${origin}/nothing.json` })],
    ["a manifest that leads elsewhere", 2, () => connecting({ manifestUrl: `${origin}/elsewhere.json` })],
    ["a manifest that is none", 3, () => connecting({ manifestUrl: `${origin}/broken.json` })],
    ["no items", 1, () => connecting({ items: [] })],
    ["an item that nobody knows", 1, () => connecting({ items: [{ name: "ton_secret_key" }] })],
    ["another network", 1, () => connecting({ items: [{ name: "ton_addr", network: "-239" }] })],
  ])("with %s is refused by code %i without a question", async (_, code, request) => {
    const { body } = await post("api/connect", { request: request() });
    expect(body).toMatchObject({ answer: { event: "connect_error", payload: { code } }, session: null });
  });

  test("is restored by its session alone, until the wallet ends it", async () => {
    const session = await connected();
    expect((await post("api/restore", { session })).body).toMatchObject({ event: "connect" });
    await post("api/disconnect", { session });
    expect((await post("api/restore", { session })).body).toMatchObject({ payload: { code: 100 } });
  });
});

describe("a request of a connected page", () => {
  test.each<[string, number, unknown]>([
    ["a method that wallets have and this one does not", 400, { method: "signData", params: ["{}"], id: "1" }],
    ["no JSON", 1, { method: "sendTransaction", params: ["{"], id: "1" }],
    ["no message", 1, paying({ messages: [] })],
    ["no money", 1, paying({ messages: [{ address: shop.toString(), amount: "0" }] })],
    ["more than there is", 1, paying({ messages: [{ address: shop.toString(), amount: "9".repeat(40) }] })],
    ["a raw address", 1, paying({ messages: [{ address: shop.toRawString(), amount: "1" }] })],
    [
      "a payload that is no cell",
      1,
      paying({ messages: [{ address: shop.toString(), amount: "1", payload: "te6cc" }] }),
    ],
    ["another network", 1, paying({ network: "-239" })],
    ["another account", 1, paying({ from: shop.toRawString() })],
    ["a date that is over", 1, paying({ valid_until: 1 })],
  ])("with %s is refused by code %i without a question", async (_, code, request) => {
    const session = await connected();
    expect(await ask(session, request)).toMatchObject({ answer: { error: { code }, id: "1" } });
  });

  test("of a page that is not connected is refused, and what is none at all has no id to answer", async () => {
    expect(await ask("0".repeat(64), paying())).toMatchObject({ answer: { error: { code: 100 } } });
    expect(await ask(await connected(), "pay!")).toMatchObject({ answer: { error: { code: 1 }, id: "" } });
    expect((await post("api/ask", { session: "mine", request: paying() })).status).toBe(422);
  });

  test("is answered once, and not after the page has gone", async () => {
    const session = await connected();
    const { approval } = await ask(session, paying());
    const words = await Promise.all([1, 2, 3].map(() => post(`api/approvals/${String(approval)}`, no)));
    expect(words.map(({ status }) => status).sort((one, other) => one - other)).toEqual([200, 404, 404]);
    const { approval: left } = await ask(session, paying());
    await ask(session, { method: "disconnect", params: [], id: "2" });
    expect((await post(`api/approvals/${String(left)}`, yes)).status).toBe(404);
  });

  test("that runs out while the person reads sends nothing", async () => {
    const session = await connected();
    const { approval } = await ask(session, paying({ valid_until: ton.opened.chain.nowS() + 60 }));
    ton.opened.clock.advance(61_000);
    const { body } = await post(`api/approvals/${String(approval)}`, yes);
    expect(body).toMatchObject({ answer: { error: { code: 1, message: expect.stringContaining("expired") } } });
  });

  test("is sent beside others of the same account, each once", async () => {
    const session = await connected();
    const before = await ton.client.getTransactions(shop, { limit: 50 });
    const asked = await Promise.all(["1", "2", "3"].map((id) => ask(session, paying({}, id))));
    const words = await Promise.all(asked.map(({ approval }) => post(`api/approvals/${String(approval)}`, yes)));
    expect(words.map(({ body }) => (body.answer as Json).id)).toEqual(["1", "2", "3"]);
    for (const { body } of words) expect(body).toMatchObject({ answer: { result: expect.stringMatching(/^te6cc/) } });
    await ton.opened.chain.settled();
    const after = await ton.client.getTransactions(shop, { limit: 50 });
    expect(after.length - before.length).toBe(3);
  });

  test("that nobody answers makes room for newer ones", async () => {
    const session = await connected();
    const asked = [];
    for (let n = 0; n < 21; n++) asked.push(String((await ask(session, paying())).approval));
    expect((await fetch(`${origin}/wallet/api/approvals/${asked[0]}`)).status).toBe(404);
    expect((await fetch(`${origin}/wallet/api/approvals/${asked[20]}`)).status).toBe(200);
  });
});

/** Sends by the bridge as a page does. */
async function send(crypto: SessionCrypto, to: string, message: unknown): Promise<number> {
  const body = Base64.encode(crypto.encrypt(JSON.stringify(message), hexToByteArray(to)));
  const query = `client_id=${crypto.sessionId}&to=${to}&ttl=300`;
  return (await fetch(`${origin}/wallet/bridge/message?${query}`, { method: "POST", body })).status;
}

describe("over the bridge", () => {
  const page = new SessionCrypto();
  const linkOf = (request: Json, id = page.sessionId) =>
    `tc://?${new URLSearchParams({ v: "2", id, r: JSON.stringify(request) }).toString()}`;

  /** The next message to the page, decrypted. */
  async function heard(from: string | null = null): Promise<{ from: string; message: Json }> {
    const answer = await fetch(`${origin}/wallet/bridge/events?client_id=${page.sessionId}`);
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const all = [...text.matchAll(/^data: (\{.*\})$/gm)].map(
        ([, data]) => JSON.parse(data!) as Record<string, string>,
      );
      const found = all.filter((one) => from === null || one.from === from).at(-1);
      if (found) {
        await reader.cancel();
        const bytes = Base64.decode(found.message!).toUint8Array();
        return { from: found.from!, message: JSON.parse(page.decrypt(bytes, hexToByteArray(found.from!))) as Json };
      }
      text += (await reader.read()).value ?? "";
    }
  }

  test("a stranger who knows the wallet's key for a page asks nothing in the page's name", async () => {
    const { approval } = (await post("api/links", { link: linkOf(connecting()) })).body;
    await post(`api/approvals/${String(approval)}`, yes);
    const { from: wallet, message } = await heard();
    expect(message).toMatchObject({ event: "connect" });
    expect(await send(new SessionCrypto(), wallet, paying())).toBe(200);
    const forged = `client_id=${page.sessionId}&to=${wallet}&ttl=300`;
    const body = Base64.encode("not encrypted for the wallet at all, but long enough");
    await fetch(`${origin}/wallet/bridge/message?${forged}`, { method: "POST", body });
    expect((await state()).approvals).toEqual([]);
    await send(page, wallet, paying());
    expect((await state()).approvals).toHaveLength(1);
  });

  test("a link that cannot connect tells the page why, and what is no link is told so", async () => {
    const request = connecting({ manifestUrl: `${origin}/nothing.json` });
    expect((await post("api/links", { link: linkOf(request) })).status).toBe(422);
    const { message } = await heard();
    expect(message).toMatchObject({ event: "connect_error", payload: { code: 2 } });
    for (const link of ["", "tc://", linkOf(connecting(), "me"), `tc://?id=${page.sessionId}&r={`])
      expect(await post("api/links", { link })).toEqual({ status: 422, body: { error: "link" } });
  });
});

test("whatever a payload holds, the wallet can put it in words", async () => {
  const session = await connected();
  const bits = fc.uint8Array({ maxLength: 60 });
  // Half of them begin like a comment or like one of the contracts' messages.
  const op = fc.constantFrom([], [0, 0, 0, 0], ...OPS.map((code) => [...uint32(code)]));
  await fc.assert(
    fc.asyncProperty(op, bits, fc.array(bits, { maxLength: 3 }), async (head, tail, refs) => {
      const body = refs.reduce(
        (all, ref) => all.storeRef(beginCell().storeBuffer(Buffer.from(ref)).endCell()),
        beginCell().storeBuffer(Buffer.from([...head, ...tail])),
      );
      const payload = body.endCell().toBoc().toString("base64");
      const { approval } = await ask(
        session,
        paying({ messages: [{ address: shop.toString(), amount: "1", payload }] }),
      );
      const answer = await fetch(`${origin}/wallet/api/approvals/${String(approval)}`);
      expect(answer.status).toBe(200);
    }),
    { numRuns: 60 },
  );
});

test("accounts can be added up to a bound", async () => {
  const added = [];
  for (let n = 0; n < 39; n++) added.push((await post("api/accounts", {})).status);
  expect(added).toEqual([...Array.from({ length: 38 }, () => 200), 409]);
  expect(new Set((await state()).accounts.map(({ raw }) => raw)).size).toBe(40);
});

test("a damaged file of keys is told of and left alone, since new keys would lose the money", async () => {
  const file = path.join(folder(), "accounts.json");
  const kept = fs.readFileSync(file, "utf8");
  fs.writeFileSync(file, kept.slice(0, 40));
  const answer = await app().request("/wallet/api/state");
  expect(answer.status).toBe(500);
  expect(await answer.text()).toContain("is damaged. Put a copy in its place");
  expect(fs.readFileSync(file, "utf8")).toBe(kept.slice(0, 40));
  fs.writeFileSync(file, kept);
  expect((await app().request("/wallet/api/state")).status).toBe(200);
});
