/** The embedded network as the server sees one. */
import { sha256_sync } from "@ton/crypto";
import type { Chain } from "@starai/server/chain/chain";
import type { Deployment } from "./deployment.ts";
import { localClient } from "./local-client.ts";
import type { OpenChain } from "./open-chain.ts";
import type { Ton } from "./ton.ts";

interface Terms {
  /** Addresses of the stack's own pages. */
  readonly urls: readonly string[];
  readonly topUpInTelegram?: boolean;
}

/** Deploys the contracts where they are not there yet. */
export async function sandboxChain(ton: Ton, terms: Terms): Promise<Chain> {
  return chainOf(await ton.deployment(), await ton.open(), terms);
}

/** The operator's wallet pays out. */
export function chainOf(deployment: Deployment, opened: OpenChain, { urls, topUpInTelegram = false }: Terms): Chain {
  const { networkId, deposits, till, distributor } = deployment;
  const { chain, roles, routes } = opened;
  const page = new URL("/ton/", urls[0]).href;
  return {
    networkId,
    network: "sandbox",
    client: localClient(routes),
    second: null,
    deposits,
    till,
    distributor,
    // A secret key of Ed25519 begins with its seed.
    hotSeed: roles.operator.secretKey.subarray(0, 32),
    publisherSeed: roles.publisher.secretKey.subarray(0, 32),
    // Another key that follows from it.
    providerSeed: sha256_sync(Buffer.concat([Buffer.from("provider"), roles.operator.secretKey.subarray(0, 32)])),
    topUpInTelegram,
    // Whole addresses, for a chat has no page that they could be relative to.
    explorer: { transaction: `${page}#/tx/{hash}`, address: `${page}#/account/{address}` },
    domains: urls.map((url) => new URL(url).host),
    nowS: () => chain.nowS(),
  };
}

/** The same page under both of this machine's names. */
export function pagesAt(url: string): string[] {
  return [url, url.replace("127.0.0.1", "localhost")];
}
