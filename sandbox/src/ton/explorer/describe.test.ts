import { Address, beginCell, Cell } from "@ton/core";
import type { Builder } from "@ton/core";
import { internal } from "@ton/sandbox";
import { expect, test } from "vitest";
import { ContributorAccountOp } from "@starai/contracts/contributor-account-codes";
import { RewardDistributorOp } from "@starai/contracts/reward-distributor-codes";
import { vaultBody } from "@starai/contracts/Vault";
import { describeMessage } from "./describe.ts";
import type { ExplorerContext } from "./describe.ts";
import { TolkMessages } from "@starai/contracts/offchain/tolk-messages";

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
