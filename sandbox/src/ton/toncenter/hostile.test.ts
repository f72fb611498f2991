import { beginCell, Cell, external, storeMessage } from "@ton/core";
import { assert, asyncProperty, base64String, constantFrom, dictionary, double, oneof, string } from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { personOf, TestTon } from "../../testing/chain.ts";

let ton: TestTon;
beforeAll(async () => {
  ton = await TestTon.open();
});
afterAll(() => ton[Symbol.asyncDispose]());

async function call(method: unknown, params: unknown) {
  const answer = await ton.post("/api/v2/jsonRPC", { id: "1", jsonrpc: "2.0", method, params });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

const ADDRESS = personOf("nobody").wallet.address.toString();
const BOC = (cell: Cell) => cell.toBoc().toString("base64");

test("an invalid request gets toncenter's 422 with a reason", async () => {
  for (const body of [
    "",
    "{",
    "[]",
    "null",
    '{"method":7}',
    '{"method":"eval","params":{}}',
    '{"method":"__proto__"}',
  ]) {
    const answer = await ton.post("/api/v2/jsonRPC", body);
    expect([body, answer.status]).toEqual([body, 422]);
    expect(await answer.json()).toMatchObject({ ok: false, code: 422, error: expect.any(String) });
  }
  expect((await ton.post("/api/v2/jsonRPC", `"${"x".repeat(600_000)}"`)).status).toBe(413);
});

test("every method refuses invalid parameters, and none fails with an internal error", async () => {
  const methods = [
    "getAddressInformation",
    "getConfigParam",
    "getTransactions",
    "shards",
    "getBlockTransactions",
    "runGetMethod",
    "sendBoc",
  ];
  const hostile = oneof(
    string(),
    double(),
    constantFrom(null, -1, 1e308, "-1", "9".repeat(30), "0".repeat(64), BOC(Cell.EMPTY), ADDRESS, [[["num"]]], {}),
    base64String(),
  );
  const params = dictionary(
    constantFrom(
      "config_id",
      "address",
      "limit",
      "lt",
      "hash",
      "to_lt",
      "seqno",
      "workchain",
      "shard",
      "method",
      "stack",
      "boc",
    ),
    hostile,
  );
  await assert(
    asyncProperty(constantFrom(...methods, "estimateFee", "tryLocateResultTx"), params, async (method, input) => {
      const { status, body } = await call(method, input);
      expect([200, 422, 500]).toContain(status);
      expect(body.error ?? "").not.toContain("embedded chain failed");
    }),
    { numRuns: 300 },
  );
});

test("a message the network does not accept is refused with its reason, and no block is made", async () => {
  const before = ton.opened.chain.history.lastBlock.seqno;
  const { address } = personOf("nobody").wallet;
  const toNobody = beginCell()
    .store(storeMessage(external({ to: address, body: Cell.EMPTY })))
    .endCell();
  const deep = Array.from({ length: 600 }).reduce<Cell>((cell) => beginCell().storeRef(cell).endCell(), Cell.EMPTY);
  const internalMessage = beginCell().storeUint(0, 1).storeUint(0, 200).endCell();
  for (const [boc, code] of [
    [BOC(toNobody), 500],
    [BOC(internalMessage), 500],
    [BOC(deep), 422],
    ["AAAA", 422],
    ["te6cckEBAQEAAgAAAEysuc0=".repeat(2), 422],
  ] as const)
    expect([boc, (await call("sendBoc", { boc })).status]).toEqual([boc, code]);
  expect(ton.opened.chain.history.lastBlock.seqno).toBe(before);
});

test("cells too deep for the emulator are refused, and messages sent beside and after them arrive", async () => {
  const { wallet } = personOf("deep");
  const gift = (to: string) => ton.post("/faucet", { address: personOf(to).wallet.address.toString(), amount: "5" });
  await ton.post("/faucet", { address: wallet.address.toString(), amount: "1000000000" });
  // 511 levels are within the network's limit for a message.
  const body = Array.from({ length: 508 }).reduce<Cell>((cell) => beginCell().storeRef(cell).endCell(), Cell.EMPTY);
  const message = beginCell().store(storeMessage(external({ to: wallet.address, init: wallet.init, body })));
  const sent = call("sendBoc", { boc: BOC(message.endCell()) });
  expect((await gift("beside")).status).toBe(200);
  expect(await sent).toMatchObject({ status: 500, body: { error: expect.stringContaining("cannot apply external") } });
  expect((await gift("after")).status).toBe(200);
  const { address } = ton.opened.roles.faucet.wallet;
  const stack = [["tvm.Cell", BOC(body)]];
  expect((await call("runGetMethod", { address: address.toString(), method: "seqno", stack })).status).toBe(500);
  expect(await ton.client.open(ton.opened.roles.faucet.wallet).getSeqno()).toBe(3);
});

test("the faucet gives bounded amounts to addresses only", async () => {
  for (const gift of [
    { address: "nobody", amount: "1" },
    { address: ADDRESS, amount: "0" },
    { address: ADDRESS, amount: "-5" },
    { address: ADDRESS, amount: 5 },
    { address: ADDRESS, amount: "9".repeat(19) },
    { address: ADDRESS },
    "{",
  ])
    expect((await ton.post("/faucet", gift)).status).toBe(422);
  expect(await ton.client.getBalance(personOf("nobody").wallet.address)).toBe(0n);
});
