/** Asks the chain whether a wallet's proof is good. */
import { ProofRefused, verifyTonProof } from "@starai/contracts/offchain/ton-proof";
import type { ProofFault } from "@starai/contracts/offchain/ton-proof";
import { proofChainOf } from "@starai/contracts/offchain/proof-chain";
import type { WalletProof } from "@starai/protocol/wallet";
import type { Chain } from "../chain/chain.ts";
import type { Base } from "../base.ts";
import { Refusal } from "../errors.ts";

const UNCHANGED = "Nothing was changed.";
const CONNECT_AGAIN = "Connect it again, and confirm in the wallet within a quarter of an hour.";

/** What each broken rule means to the wallet's owner. */
const WORDS: Readonly<Record<ProofFault, string>> = {
  network: `The wallet is on another network than this server. ${UNCHANGED} Switch the wallet's network and connect it again.`,
  domain: `The proof was made for another site. ${UNCHANGED} Open this app from its own address and connect the wallet there.`,
  timestamp: `The proof is too old, or the wallet's clock is wrong. ${UNCHANGED} ${CONNECT_AGAIN}`,
  address: `Only wallets of the basechain (0:…) can be used here. ${UNCHANGED}`,
  "state-init": `The wallet's data do not belong to its address. ${UNCHANGED} ${CONNECT_AGAIN}`,
  "unknown-wallet": `This kind of wallet cannot be verified before it was used once. ${UNCHANGED} Send something from it first, or use another wallet.`,
  "signatures-disabled": `This wallet's key no longer signs for it. ${UNCHANGED} Use another wallet.`,
  "weak-key": `Anybody can sign for this wallet's key. ${UNCHANGED} Use another wallet.`,
  signature: `The proof is not signed with the wallet's key. ${UNCHANGED} ${CONNECT_AGAIN}`,
};

/**
 * The wallet's raw address; its nonce is the caller's to look at.
 * @throws Refusal `invalid_request` for a bad proof, `interrupted` when the chain cannot be asked
 */
export async function verifyWallet(log: Base["log"], chain: Chain, proof: WalletProof): Promise<string> {
  const { networkId, domains, nowS, client } = chain;
  try {
    const verified = await verifyTonProof(proof, { networkId, domains, nowS: nowS() }, proofChainOf(client));
    return verified.address.toRawString();
  } catch (error) {
    if (error instanceof ProofRefused)
      throw new Refusal("invalid_request", WORDS[error.code], { param: error.code, cause: error });
    log.warn({ err: error }, "the TON network could not be asked about a wallet");
    throw new Refusal(
      "interrupted",
      `The TON network does not answer, so the wallet could not be verified. ${UNCHANGED} Connect it again in a minute.`,
      { retryAfterS: 60, cause: error },
    );
  }
}
