/** The escrow that belongs to somebody's bound wallet: its address follows from the terms, deployed or not. */
import { Address } from "@ton/core";
import { keyPairFromSeed } from "@ton/crypto";
import { Escrow } from "@starai/contracts/Escrow";
import type { EscrowTerms } from "@starai/contracts/Escrow";
import { boundWalletOf } from "../chain/bound-wallet.ts";
import type { Chain } from "../chain/chain.ts";
import type { ChainContext } from "../chain/context.ts";
import { Refusal } from "../errors.ts";

export interface OwnEscrow {
  readonly terms: EscrowTerms;
  /** Raw. */
  readonly address: string;
}

/** @throws Refusal `not_configured` where nobody agrees to closes, `conflict` without a bound wallet */
export async function ownEscrow(ctx: ChainContext, chain: Chain, person: string): Promise<OwnEscrow> {
  if (chain.providerSeed === null)
    throw new Refusal(
      "not_configured",
      "Self-custody is not offered here (TON_PROVIDER_SEED). Nothing was charged; Stars and prepaid coins work as always.",
    );
  const wallet = await boundWalletOf(ctx.db, person);
  if (wallet === null)
    throw new Refusal(
      "conflict",
      "An escrow belongs to a wallet, and none of yours is bound here: connect your wallet in the app first. Nothing was charged.",
    );
  const terms = {
    owner: Address.parseRaw(wallet.address),
    vault: chain.till,
    providerKey: keyPairFromSeed(chain.providerSeed).publicKey,
    networkId: chain.networkId,
  };
  return { terms, address: Escrow.of(terms).address.toRawString() };
}
