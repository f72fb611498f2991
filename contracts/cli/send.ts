/**
 * Sends one message from the signer's wallet and waits until every message it caused is processed. The signature is valid for a
 * minute of the chain's time: a local chain may run ahead of this machine's clock, and a wallet refuses an expired signature
 * (exit code 136).
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Address, Message, Transaction } from "@ton/core";
import { Refused } from "./failure.ts";
import { signerOf } from "./cli-context.ts";
import type { CliContext } from "./cli-context.ts";
import type { OutgoingMessage } from "./outgoing.ts";
import { signed } from "./signer.ts";
import { coins } from "./words.ts";

const VALID_S = 60;
/** Longer than a signature is valid: a message that was not processed by then never will be. */
const WAIT_MS = 120_000;
const PAUSE_MS = { first: 100, most: 2_000 };
/** The wallet's own fees, nano units, including its deployment the first time. */
const WALLET_FEE = 20_000_000n;
/** Messages followed at most; a claim, the longest sequence, has five. */
const STEPS_MAX = 16;
const PAGE = 40;

/** @throws {Refused} when a contract on the way rejects the message, which refunds the attached value. */
export async function send(context: CliContext, outgoing: OutgoingMessage): Promise<void> {
  const { client } = context;
  const signer = signerOf(context);
  const { address } = signer.wallet;
  const { balance, state, timestampt: nowS } = await client.getContractState(address);
  if (balance < outgoing.value + WALLET_FEE)
    throw new Error(
      `Your wallet ${address.toString({ bounceable: false })} has ${coins(balance)} and needs ${coins(outgoing.value + WALLET_FEE)}: send it the difference; the unused part is refunded.`,
    );
  const seqno = state === "active" ? await client.open(signer.wallet).getSeqno() : 0;
  const body = signed(signer, outgoing, { seqno, timeout: nowS + VALID_S });
  await client.open(signer.wallet).send(body);
  context.say("Sent; waiting until it is done …");
  const sent = await waitForTransaction(context, address, ({ inMessage: received }) =>
    received ? received.info.type === "external-in" && received.body.equals(body) : false,
  );
  if (sent.outMessagesCount === 0) throw new Error("Your wallet could not pay for the message: send it a little more.");
  await follow(context, sent, [...outgoing.contracts, { name: "wallet", address }]);
}

async function follow(context: CliContext, first: Transaction, contracts: OutgoingMessage["contracts"]): Promise<void> {
  const waiting: Message[] = first.outMessages.values();
  for (let steps = 0; waiting.length > 0 && steps < STEPS_MAX; steps++) {
    const { info } = waiting.shift()!;
    const contract = info.type === "internal" && contracts.find(({ address }) => address.equals(info.dest));
    if (!contract || info.type !== "internal") continue;
    const done = await waitForTransaction(context, info.dest, ({ inMessage }) => {
      const came = inMessage?.info;
      return came?.type === "internal" && came.createdLt === info.createdLt && came.src.equals(info.src);
    });
    if (contract.name !== "wallet" && !info.bounced) assertAccepted(contract.name, done);
    waiting.push(...done.outMessages.values());
  }
}

function assertAccepted(contract: string, { description }: Transaction): void {
  if (description.type !== "generic") return;
  const { computePhase, actionPhase } = description;
  if (computePhase.type === "skipped") throw new Refused(contract, null);
  if (!computePhase.success) throw new Refused(contract, computePhase.exitCode);
  if (actionPhase && !actionPhase.success) throw new Refused(contract, actionPhase.resultCode);
}

/** Polls an account for a transaction. Failed requests are retried. @throws after two minutes, with the last failure. */
async function waitForTransaction(
  { client }: CliContext,
  address: Address,
  fits: (transaction: Transaction) => boolean,
): Promise<Transaction> {
  let lastError: unknown;
  const end = performance.now() + WAIT_MS;
  for (let pause = PAUSE_MS.first; performance.now() < end; pause = Math.min(pause * 1.5, PAUSE_MS.most)) {
    try {
      const found = (await client.getTransactions(address, { limit: PAGE })).find(fits);
      if (found) return found;
    } catch (error) {
      lastError = error;
    }
    await sleep(pause);
  }
  throw new Error(
    "Sent, but not seen to complete within two minutes: look at the contract's state before you try again.",
    { cause: lastError },
  );
}
