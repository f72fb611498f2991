/**
 * One message from the person's wallet, followed until all that it caused is done. Signed for a minute of the chain's own time: a chain on this
 * machine may have been moved ahead of its clock, and a wallet refuses a signature of another time (exit code 136).
 */
import { setTimeout as sleep } from "node:timers/promises";
import { internal, SendMode } from "@ton/core";
import type { Address, Cell, Message, StateInit, Transaction } from "@ton/core";
import { Refused } from "./failure.ts";
import { signerOf } from "./cli-context.ts";
import type { CliContext } from "./cli-context.ts";
import { ton } from "./words.ts";

const VALID_S = 60;
/** Longer than a signature is good for: what was not seen by then never happens. */
const WAIT_MS = 120_000;
const PAUSE_MS = { first: 100, most: 2_000 };
/** The wallet's own share, and its deployment the first time. */
const WALLET_FEE = 20_000_000n;
/** A claim, our longest, has five. */
const STEPS_MAX = 16;
const PAGE = 40;

export interface Order {
  to: Address;
  value: bigint;
  body: Cell;
  init?: StateInit;
  /** The contracts the message may reach, by what people call them. */
  contracts: readonly { name: string; address: Address }[];
}

/** @throws {Refused} when a contract on the way did not take it; what was attached has come back then. */
export async function send(context: CliContext, order: Order): Promise<void> {
  const { client } = context;
  const { wallet, secretKey } = signerOf(context);
  const { balance, state, timestampt: nowS } = await client.getContractState(wallet.address);
  if (balance < order.value + WALLET_FEE)
    throw new Error(
      `Your wallet ${wallet.address.toString({ bounceable: false })} has ${ton(balance)} and needs ${ton(order.value + WALLET_FEE)}: send it the difference; what is not used comes back.`,
    );
  const body = wallet.createTransfer({
    seqno: state === "active" ? await client.open(wallet).getSeqno() : 0,
    secretKey,
    timeout: nowS + VALID_S,
    sendMode: SendMode.PAY_GAS_SEPARATELY,
    messages: [internal({ to: order.to, value: order.value, body: order.body, init: order.init, bounce: true })],
  });
  await client.open(wallet).send(body);
  context.say("Sent; waiting until it is done …");
  const sent = await find(context, wallet.address, ({ inMessage: came }) =>
    came ? came.info.type === "external-in" && came.body.equals(body) : false,
  );
  if (sent.outMessagesCount === 0) throw new Error("Your wallet could not pay for the message: send it a little more.");
  await follow(context, sent, [...order.contracts, { name: "wallet", address: wallet.address }]);
}

async function follow(context: CliContext, first: Transaction, contracts: Order["contracts"]): Promise<void> {
  const waiting: Message[] = first.outMessages.values();
  for (let steps = 0; waiting.length > 0 && steps < STEPS_MAX; steps++) {
    const { info } = waiting.shift()!;
    const contract = info.type === "internal" && contracts.find(({ address }) => address.equals(info.dest));
    if (!contract || info.type !== "internal") continue;
    const done = await find(context, info.dest, ({ inMessage }) => {
      const came = inMessage?.info;
      return came?.type === "internal" && came.createdLt === info.createdLt && came.src.equals(info.src);
    });
    if (contract.name !== "wallet" && !info.bounced) assertTaken(contract.name, done);
    waiting.push(...done.outMessages.values());
  }
}

function assertTaken(contract: string, { description }: Transaction): void {
  if (description.type !== "generic") return;
  const { computePhase, actionPhase } = description;
  if (computePhase.type === "skipped") throw new Refused(contract, null);
  if (!computePhase.success) throw new Refused(contract, computePhase.exitCode);
  if (actionPhase && !actionPhase.success) throw new Refused(contract, actionPhase.resultCode);
}

/** The transaction of an account that fits, as soon as it is there. A question that fails is asked again; the last failure is told. */
async function find(
  { client }: CliContext,
  address: Address,
  fits: (transaction: Transaction) => boolean,
): Promise<Transaction> {
  let fault: unknown;
  const end = performance.now() + WAIT_MS;
  for (let pause = PAUSE_MS.first; performance.now() < end; pause = Math.min(pause * 1.5, PAUSE_MS.most)) {
    try {
      const found = (await client.getTransactions(address, { limit: PAGE })).find(fits);
      if (found) return found;
    } catch (error) {
      fault = error;
    }
    await sleep(pause);
  }
  throw new Error(
    "Sent, but its end was not seen in two minutes: look with `account` or `escrow` before you try again.",
    {
      cause: fault,
    },
  );
}
