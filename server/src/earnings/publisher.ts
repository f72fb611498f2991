/**
 * The publisher's wallet: a W5 of the key TON_PUBLISHER_SEED. What it sent is not kept anywhere, because the chain tells
 * what is still to do: a message that may still run has the number that the next one would have, too, and the wallet runs
 * one of them. What the other would have done is asked for anew.
 */
import { beginCell, external, internal, SendMode, storeMessage } from "@ton/core";
import type { Address, Cell } from "@ton/core";
import { keyPairFromSeed } from "@ton/crypto";
import { WalletContractV5R1 } from "@ton/ton";
import type { Chain } from "../chain/chain.ts";
import { unlessStopped } from "../chain/repeat.ts";
import { readHotState } from "../payouts/hot/hot-wallet.ts";

export interface PublisherMessage {
  readonly to: Address;
  readonly value: bigint;
  readonly body: Cell;
}

/** Blocks come every few seconds; what is not run by then never is. */
const VALID_S = 90;
/** What the chain refused is not said again at once: the same messages would be refused again. */
const AGAIN_S = 600;
/** Left in the wallet for its own gas, nano units. */
const OWN_GAS = 20_000_000n;

export interface Publisher {
  readonly address: Address;
  /**
   * `sent`; `busy`: what was sent before may still run; `poor`: it has too little.
   * @throws the endpoint's faults
   */
  send(messages: readonly PublisherMessage[], signal: AbortSignal): Promise<"sent" | "busy" | "poor">;
}

/** null: this server has no key of a publisher. */
export function publisherOf({ publisherSeed, networkId, client }: Chain): Publisher | null {
  if (publisherSeed === null) return null;
  const { publicKey, secretKey } = keyPairFromSeed(publisherSeed);
  const wallet = WalletContractV5R1.create({ publicKey, walletId: { networkGlobalId: networkId } });
  let last = { seqno: -1, validUntil: 0, what: "", atS: 0 };
  return {
    address: wallet.address,
    send: async (messages, signal) => {
      const seen = await unlessStopped(signal, readHotState(client, wallet.address));
      if (seen.seqno < last.seqno || (seen.seqno === last.seqno && seen.atS <= last.validUntil)) return "busy";
      const what = messages.map(({ to, body }) => `${to.toRawString()} ${body.hash().toString("hex")}`).join();
      if (seen.seqno > last.seqno && what === last.what && seen.atS < last.atS + AGAIN_S) return "busy";
      const needed = messages.reduce((sum, { value }) => sum + value, OWN_GAS);
      if (seen.balance < needed) return "poor";
      const validUntil = seen.atS + VALID_S;
      const body = wallet.createTransfer({
        seqno: seen.seqno,
        secretKey,
        timeout: validUntil,
        sendMode: SendMode.PAY_GAS_SEPARATELY,
        messages: messages.map(({ to, value, body: inner }) => internal({ to, value, body: inner, bounce: true })),
      });
      const message = external({ to: wallet.address, init: seen.isActive ? null : wallet.init, body });
      last = { seqno: seen.seqno, validUntil, what, atS: seen.atS };
      await unlessStopped(signal, client.sendFile(beginCell().store(storeMessage(message)).endCell().toBoc()));
      return "sent";
    },
  };
}
