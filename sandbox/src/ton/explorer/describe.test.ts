import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { Address, beginCell, Cell } from "@ton/core";
import type { Builder } from "@ton/core";
import { internal } from "@ton/sandbox";
import { expect, test } from "vitest";
import { ContributorAccountOp } from "@starai/contracts/contributor-account-codes";
import { proposeRootBody } from "@starai/contracts/RewardDistributor";
import { RewardDistributorOp } from "@starai/contracts/reward-distributor-codes";
import { vaultBody } from "@starai/contracts/Vault";
import { describeMessage } from "./describe.ts";
import type { ExplorerContext } from "./describe.ts";
import { TolkMessages } from "@starai/contracts/offchain/tolk-messages";

const SOURCES = path.resolve(import.meta.dirname, "../../../../contracts/src");
const somebody = new Address(0, Buffer.alloc(32, 7));
/** No chain, since describing a message does not read it. */
const context = {
  names: { party: (address: Address) => ({ address: address.toString(), name: null }) },
  messages: TolkMessages.read(),
} as unknown as ExplorerContext;

function described(body: Cell, bounced = true) {
  return describeMessage(context, internal({ from: somebody, to: somebody, value: 1n, body, bounced })).body;
}

const payOut = (sponsor: Cell | null): Cell =>
  start(RewardDistributorOp.PayOut).storeMaybeRef(sponsor).storeCoins(7).storeUint(3, 256).endCell();

const start = (op: number): Builder => beginCell().storeUint(op, 32).storeUint(1, 64);

test("a bounced message with its whole body is described as it was sent", () => {
  const accrue = start(ContributorAccountOp.AccrueClaim).storeAddress(somebody).storeCoins(5).storeCoins(9).endCell();
  const rich = beginCell()
    .storeUint(0xfffffffe, 32)
    .storeRef(accrue)
    .storeRef(Cell.EMPTY)
    .storeUint(0, 8)
    .storeInt(609, 32);
  expect(described(rich.storeBit(0).endCell())).toMatchObject({
    kind: "call",
    name: "AccrueClaim",
    fields: [{ value: somebody.toString() }, { name: "cumulative", value: "5" }, { name: "limit", value: "9" }],
  });
});

test("a bounced message with a truncated body keeps its name and remaining fields; an invalid one is unknown", () => {
  const cut = beginCell().storeUint(0xffffffff, 32);
  const named = start(RewardDistributorOp.NameGuardian).storeUint(0b100, 3).storeUint(0, 157);
  expect(described(cut.storeBuilder(named).endCell())).toMatchObject({
    kind: "call",
    name: "NameGuardian",
    fields: [],
  });
  for (const body of [Cell.EMPTY, beginCell().storeUint(0xffffffff, 32).endCell()])
    expect(described(body).kind).toBe("empty");
  // The network never creates a rich bounce without its cell.
  expect(described(beginCell().storeUint(0xfffffffe, 32).endCell())).toEqual({ kind: "unknown", op: "0xfffffffe" });
});

/** Writes a value of each type that the contracts' messages use; a new type is added here and where the explorer reads it. */
function write(body: Builder, type: string, structs: Map<string, StructSource>): Builder {
  const bits = /^(?:u?int|bits)(\d+)$/.exec(type)?.[1];
  if (bits) return body.storeUint(1, Number(bits));
  if (/^(?:cell|Cell<.*>)$/.test(type)) return body.storeRef(Cell.EMPTY);
  if (/^(?:cell|Cell<.*>)\?$|^map<|^dict$/.test(type)) return body.storeMaybeRef(Cell.EMPTY);
  if (type.includes(" | ")) return writeStruct(body, structs.get(type.split(" | ")[0]!)!, structs);
  const simple = { coins: () => body.storeCoins(7), bool: () => body.storeBit(1) }[type];
  if (simple) return simple();
  if (/^address\??$/.test(type)) return body.storeAddress(somebody);
  throw new Error(`the test cannot write a value of the type ${type}`);
}

interface StructSource {
  readonly op: number;
  readonly name: string;
  readonly fields: readonly { readonly name: string; readonly type: string }[];
}

function writeStruct(body: Builder, { op, fields }: StructSource, structs: Map<string, StructSource>): Builder {
  return fields.reduce((all, { type }) => write(all, type, structs), body.storeUint(op, 32));
}

function structSources(): Map<string, StructSource> {
  const source = readdirSync(SOURCES, { recursive: true, encoding: "utf8" })
    .filter((file) => path.basename(file) === "messages.tolk")
    .map((file) => readFileSync(path.join(SOURCES, file), "utf8"))
    .join("\n");
  const found = [...source.matchAll(/^struct \((0x[0-9a-f]{8})\) (\w+) \{([^}]*)\}/gm)].map(([, op, name, body]) => {
    const lines = body!.split("\n").map((line) => line.replace(/\/\/.*/, "").trim());
    const fields = lines.filter(Boolean).map((line) => ({ name: line.split(": ")[0]!, type: line.split(": ")[1]! }));
    return { op: Number(op), name: name!, fields };
  });
  return new Map(found.map((struct) => [struct.name, struct]));
}

test("every message of the contracts is described with all its fields", () => {
  const structs = structSources();
  expect(structs.size).toBeGreaterThan(40);
  for (const struct of structs.values()) {
    const body = described(writeStruct(beginCell(), struct, structs).endCell(), false);
    const shown = body.kind === "call" ? body.fields.map(({ name }) => name) : [];
    const wanted = struct.fields.map(({ name }) => name).filter((name) => name !== "queryId");
    expect(body, `${struct.name} is not described`).toMatchObject({ kind: "call", name: struct.name });
    expect(shown, `${struct.name} misses a field`).toEqual(expect.arrayContaining(wanted));
  }
});

test("a struct in a cell of its own is described by its fields, and a cell that holds something else by its hash", () => {
  const root = { epoch: 7, root: 1n, totalCum: 5n, dataHash: 2n };
  expect(described(proposeRootBody(root), false)).toMatchObject({
    name: "ProposeRoot",
    fields: [
      { name: "epoch", value: "7" },
      { name: "root", kind: "hash" },
      { name: "totalCum", kind: "amount", value: "5" },
      { name: "dataHash", kind: "hash" },
    ],
  });
  const odd = beginCell().storeUint(1, 8).endCell();
  const body = start(RewardDistributorOp.ProposeRoot).storeUint(7, 32).storeRef(odd).endCell();
  expect(described(body, false)).toMatchObject({
    name: "ProposeRoot",
    fields: [{ name: "epoch" }, { name: "published", kind: "cell", value: odd.hash().toString("hex") }],
  });
});

test("a proposal to a vault is described with its fields", () => {
  expect(described(vaultBody.propose({ what: { kind: "sweep", amount: 5n } }), false)).toMatchObject({
    name: "Propose",
    fields: [
      { name: "what", value: "Sweep" },
      { name: "amount", kind: "amount", value: "5" },
    ],
  });
});

test("an optional field is described with and without a value, and so are the fields after it", () => {
  const sponsor = beginCell().storeAddress(somebody).endCell();
  for (const [body, value] of [
    [payOut(null), "—"],
    [payOut(sponsor), sponsor.hash().toString("hex")],
  ] as const)
    expect(described(body, false)).toMatchObject({
      name: "PayOut",
      fields: [
        { name: "excessTo", value },
        { name: "amount", value: "7" },
        { name: "owner", kind: "hash" },
      ],
    });
});
