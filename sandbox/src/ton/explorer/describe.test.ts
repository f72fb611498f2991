import { Address, beginCell, Cell } from "@ton/core";
import type { Builder } from "@ton/core";
import { internal } from "@ton/sandbox";
import { expect, test } from "vitest";
import { ContributorAccountOp } from "@starai/contracts/contributor-account-codes";
import { RewardDistributorOp } from "@starai/contracts/reward-distributor-codes";
import { vaultBody } from "@starai/contracts/Vault";
import { tellMessage } from "./describe.ts";
import type { Teller } from "./describe.ts";
import { TolkMessages } from "./tolk-messages.ts";

const somebody = new Address(0, Buffer.alloc(32, 7));
/** Nothing is asked of the chain to tell a message. */
const teller = {
  names: { party: (address: Address) => ({ address: address.toString(), name: null }) },
  messages: TolkMessages.read(),
} as unknown as Teller;

function told(body: Cell, bounced = true) {
  return tellMessage(teller, internal({ from: somebody, to: somebody, value: 1n, body, bounced })).body;
}

const payOut = (sponsor: Cell | null): Cell =>
  start(RewardDistributorOp.PayOut).storeMaybeRef(sponsor).storeCoins(7).storeUint(3, 256).endCell();

const start = (op: number): Builder => beginCell().storeUint(op, 32).storeUint(1, 64);

test("a message that came back whole is told as it was sent", () => {
  const accrue = start(ContributorAccountOp.AccrueClaim).storeAddress(somebody).storeCoins(5).storeCoins(9).endCell();
  const rich = beginCell()
    .storeUint(0xfffffffe, 32)
    .storeRef(accrue)
    .storeRef(Cell.EMPTY)
    .storeUint(0, 8)
    .storeInt(609, 32);
  expect(told(rich.storeBit(0).endCell())).toMatchObject({
    kind: "call",
    name: "AccrueClaim",
    fields: [{ value: somebody.toString() }, { name: "cumulative", value: "5" }, { name: "limit", value: "9" }],
  });
});

test("of a message that came back cut, its name and what is left are told; a body that only pretends is unknown", () => {
  const cut = beginCell().storeUint(0xffffffff, 32);
  const named = start(RewardDistributorOp.NameGuardian).storeUint(0b100, 3).storeUint(0, 157);
  expect(told(cut.storeBuilder(named).endCell())).toMatchObject({ kind: "call", name: "NameGuardian", fields: [] });
  for (const body of [Cell.EMPTY, beginCell().storeUint(0xffffffff, 32).endCell()])
    expect(told(body).kind).toBe("empty");
  // A rich bounce without its cell was never made by the network.
  expect(told(beginCell().storeUint(0xfffffffe, 32).endCell())).toEqual({ kind: "unknown", op: "0xfffffffe" });
});

test("what is proposed to a vault is told with its fields", () => {
  expect(told(vaultBody.propose({ what: { kind: "sweep", amount: 5n } }), false)).toMatchObject({
    name: "Propose",
    fields: [
      { name: "what", value: "Sweep" },
      { name: "amount", kind: "amount", value: "5" },
    ],
  });
});

test("an optional field is told with and without its value, and the fields behind it as well", () => {
  const sponsor = beginCell().storeAddress(somebody).endCell();
  for (const [body, value] of [
    [payOut(null), "—"],
    [payOut(sponsor), sponsor.hash().toString("hex")],
  ] as const)
    expect(told(body, false)).toMatchObject({
      name: "PayOut",
      fields: [
        { name: "excessTo", value },
        { name: "amount", value: "7" },
        { name: "owner", kind: "hash" },
      ],
    });
});
