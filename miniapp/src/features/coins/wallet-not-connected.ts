/** No wallet is connected, and nothing was asked of one. */
export class WalletNotConnected extends Error {
  override readonly name = "WalletNotConnected";
  /**
   * `closed`: the person closed the list; `network`: the wallet is on another one; `no_proof`: it cannot sign whose it is; `other`: it is not the
   * person's bound one, which alone can do this.
   */
  readonly why: "closed" | "refused" | "network" | "no_proof" | "other" | "failed";

  constructor(why: WalletNotConnected["why"], options?: ErrorOptions) {
    super(`no wallet was connected: ${why}`, options);
    this.why = why;
  }
}
