/** Signs what was approved and sends it to this machine's chain. */
import { beginCell, external, internal, SendMode, storeMessage } from "@ton/core";
import type { TonClient } from "@ton/ton";
import { ChainBusy } from "../ton/chain.ts";
import { EmulatorBusy } from "../ton/executor.ts";
import { localClient } from "../ton/local-client.ts";
import type { OpenChain } from "../ton/open-chain.ts";
import type { RoleWallet } from "../ton/roles.ts";
import type { TransactionRequest } from "./requests.ts";

/** For a request that does not say how long it is good. */
const VALID_S = 300;
/** What a transfer of the most messages may cost, with the wallet's own deployment: several times the price. */
const FEES_NANO = 50_000_000n;

/** It cannot be signed now, and the person can do something about it. */
export class NotNow extends Error {
  readonly reason: "money" | "busy";

  constructor(reason: "money" | "busy", options?: ErrorOptions) {
    super(reason === "money" ? "The account has too little money." : "The chain is busy: try again.", options);
    this.name = "NotNow";
    this.reason = reason;
  }
}

export class Signer {
  readonly #chain: OpenChain["chain"];
  readonly #client: TonClient;
  #last: Promise<unknown> = Promise.resolve();

  constructor({ chain, routes }: OpenChain) {
    this.#chain = chain;
    this.#client = localClient(routes);
  }

  balanceOf({ wallet }: RoleWallet): bigint {
    return this.#chain.account(wallet.address).account?.storage.balance.coins ?? 0n;
  }

  /** One transaction after the other, as a wallet numbers them. */
  send(account: RoleWallet, secretKey: Buffer, request: TransactionRequest): Promise<string> {
    const sent = this.#last.then(() => this.#send(account, secretKey, request));
    this.#last = sent.catch(() => null);
    return sent;
  }

  /**
   * Resolves to the signed message as BoC in base64 when it is in a block.
   * @throws {NotNow} before anything is sent
   * @throws {MessageRefused} when the wallet's contract did not accept it: nothing was sent
   */
  async #send(account: RoleWallet, secretKey: Buffer, request: TransactionRequest): Promise<string> {
    const { wallet } = account;
    const total = request.messages.reduce((sum, { value }) => sum + value, FEES_NANO);
    if (this.balanceOf(account) < total) throw new NotNow("money");
    const active = this.#chain.account(wallet.address).account?.storage.state.type === "active";
    const body = wallet.createTransfer({
      seqno: active ? await this.#client.open(wallet).getSeqno() : 0,
      secretKey,
      timeout: Math.min(request.valid_until ?? Infinity, this.#chain.nowS() + VALID_S),
      sendMode: SendMode.PAY_GAS_SEPARATELY | SendMode.IGNORE_ERRORS,
      messages: request.messages.map(({ to, bounce, value, body, init }) =>
        internal({ to, bounce, value, body: body ?? undefined, init: init ?? undefined }),
      ),
    });
    const message = external({ to: wallet.address, init: active ? null : wallet.init, body });
    try {
      await this.#chain.send(message);
    } catch (error) {
      if (error instanceof ChainBusy || error instanceof EmulatorBusy) throw new NotNow("busy", { cause: error });
      throw error;
    }
    return beginCell().store(storeMessage(message)).endCell().toBoc().toString("base64");
  }
}
