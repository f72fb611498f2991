/** Property that makes tests on this chain valid: messages move the same money as in @ton/sandbox's own Blockchain. */
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { beginCell, external, internal, SendMode, toNano } from "@ton/core";
import { Blockchain, createShardAccount } from "@ton/sandbox";
import { LOCAL_NETWORK_ID, networkConfig } from "@starai/contracts/chain-config";
import { array, assert, asyncProperty, bigInt, boolean, constantFrom, integer, record } from "fast-check";
import { expect, test } from "vitest";
import { Chain } from "./chain.ts";
import { personOf } from "../testing/chain.ts";

const NOW_S = 1_790_000_000;
/** Four new people for each run, on shared chains: loading two emulators per run would take minutes. */
const GROUPS = Array.from({ length: 8 }, (_, run) =>
  ["ann", "bob", "carl", "dora"].map((name) => personOf(`${name} ${run}`)),
);
const RICH = toNano(20);

/** Payments to each other, to a stranger's address, or of more than they have; with bounces, bodies and usual modes. */
const payments = array(
  record({
    from: integer({ min: 0, max: 2 }),
    to: integer({ min: 0, max: 3 }),
    value: bigInt({ min: 0n, max: toNano(12) }),
    bounce: boolean(),
    garbage: boolean(),
    mode: constantFrom<SendMode[]>(
      SendMode.PAY_GAS_SEPARATELY | SendMode.IGNORE_ERRORS,
      SendMode.IGNORE_ERRORS,
      SendMode.CARRY_ALL_REMAINING_BALANCE | SendMode.IGNORE_ERRORS,
    ),
  }),
  { minLength: 1, maxLength: 6 },
);

test("the same payments leave the same balances as in the sandbox's own Blockchain", { timeout: 180_000 }, async () => {
  const config = networkConfig();
  const folder = await mkdtemp(path.join(os.tmpdir(), "starai-same-"));
  const blockchain = await Blockchain.create({ config });
  blockchain.now = NOW_S;
  await using chain = await Chain.open({
    file: path.join(folder, "chain.log"),
    clock: { now: () => NOW_S * 1_000 },
    config,
    networkId: LOCAL_NETWORK_ID,
    genesis: GROUPS.flat().map(({ wallet }) => ({ address: wallet.address, nano: RICH })),
  });
  let run = 0;
  await assert(
    asyncProperty(payments, async (asked) => {
      const people = GROUPS[run++]!;
      await fundAlike(blockchain, chain, people);
      const seqnos = [0, 0, 0];
      for (const payment of asked) {
        const message = messageOf(people, payment, seqnos[payment.from]!);
        const accepted = await accepts(chain.send(message));
        await chain.settled();
        // A wallet that gave everything away cannot pay for its next request: both refuse it.
        expect(await accepts(blockchain.sendMessage(message))).toBe(accepted);
        if (accepted) seqnos[payment.from]! += 1;
      }
      for (const { wallet } of people) {
        const theirs = await blockchain.getContract(wallet.address);
        expect(chain.account(wallet.address).account?.storage.balance.coins ?? 0n).toBe(theirs.balance);
      }
    }),
    { numRuns: GROUPS.length, endOnFailure: true },
  );
  await rm(folder, { recursive: true, force: true });
});

function accepts(sent: Promise<unknown>): Promise<boolean> {
  return sent.then(
    () => true,
    () => false,
  );
}

/** Gives both chains the same account states. */
async function fundAlike(blockchain: Blockchain, chain: Chain, people: Person[]): Promise<void> {
  for (const { wallet } of people) {
    const { account } = chain.account(wallet.address);
    if (!account) throw new Error("the genesis has no such account");
    const shardAccount = createShardAccount({
      address: wallet.address,
      code: wallet.init.code,
      data: wallet.init.data,
      balance: RICH,
    });
    await blockchain.setShardAccount(wallet.address, { ...shardAccount, account });
  }
}

type Person = ReturnType<typeof personOf>;
type Payment = { from: number; to: number; value: bigint; bounce: boolean; garbage: boolean; mode: SendMode };

function messageOf(people: Person[], { from, to, value, bounce, garbage, mode }: Payment, seqno: number) {
  const { wallet, secretKey } = people[from]!;
  const receiver = people[to]!.wallet.address;
  const body = garbage ? beginCell().storeUint(0xdeadbeef, 32).endCell() : undefined;
  const messages = [internal({ to: receiver, value, bounce, ...(body ? { body } : {}) })];
  const signed = wallet.createTransfer({ seqno, secretKey, timeout: NOW_S + 600, sendMode: mode, messages });
  return external({ to: wallet.address, init: seqno === 0 ? wallet.init : null, body: signed });
}
