/** Gives play money to anybody on this machine, by an ordinary signed transfer from an account funded at genesis. */
import { external, internal, SendMode } from "@ton/core";
import type { Address } from "@ton/core";
import { ChainBusy } from "./chain.ts";
import type { Chain } from "./chain.ts";
import { methodIdOf } from "./toncenter/method-id.ts";
import { stackView } from "./toncenter/stack.ts";
import type { RoleWallet } from "./roles.ts";

/** A thousand million coins, more than a sandbox can spend. */
export const FAUCET_NANO = 10n ** 18n;
/** More than any test needs, less than a typing error in nano units. */
export const FAUCET_NANO_MAX = 100_000n * 10n ** 9n;
const WAITING_MAX = 100;
const VALID_S = 60;
/** Longest wait for the transfer's block and the one that delivers it. */
const DELIVERY_MS_MAX = 10_000;

export class Faucet {
  readonly #chain: Chain;
  readonly #account: RoleWallet;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(chain: Chain, account: RoleWallet) {
    this.#chain = chain;
    this.#account = account;
  }

  /** Resolves when the money has arrived. Transfers run one at a time: the wallet numbers them. @throws {ChainBusy} */
  give(to: Address, nano: bigint): Promise<void> {
    if (this.#waiting >= WAITING_MAX)
      return Promise.reject(new ChainBusy("The faucet is busy: try again in a moment."));
    this.#waiting += 1;
    const given = this.#last.then(() => this.#transfer(to, nano)).finally(() => (this.#waiting -= 1));
    this.#last = given.catch(() => null);
    return given;
  }

  async #transfer(to: Address, nano: bigint): Promise<void> {
    const { wallet, secretKey } = this.#account;
    const active = this.#chain.account(wallet.address).account?.storage.state.type === "active";
    const body = wallet.createTransfer({
      seqno: active ? await this.#seqno() : 0,
      secretKey,
      sendMode: SendMode.PAY_GAS_SEPARATELY,
      timeout: this.#chain.nowS() + VALID_S,
      messages: [internal({ to, value: nano, bounce: false, body: "faucet" })],
    });
    const { seqno } = await this.#chain.send(external({ to: wallet.address, init: active ? null : wallet.init, body }));
    const end = performance.now() + DELIVERY_MS_MAX;
    while (this.#chain.history.lastBlock.seqno <= seqno && performance.now() < end) await this.#chain.nextBlock(1_000);
  }

  async #seqno(): Promise<number> {
    const result = await this.#chain.method(this.#account.wallet.address, methodIdOf("seqno"), []);
    if (result.kind !== "returned" || result.exitCode !== 0) throw new Error("the faucet's wallet does not answer");
    const [[, seqno]] = stackView(result.stack) as [[string, string]];
    return Number(seqno);
  }
}
