/** The configured network, asked over toncenter's v2 protocol. */
import { Address } from "@ton/core";
import { TonClient } from "@ton/ton";
import { configParam } from "@starai/contracts/offchain/toncenter";
import { retryingAdapter } from "@starai/contracts/offchain/retrying-adapter";
import type { TonEndpoint, TonSettings } from "../config.ts";
import type { Chain } from "./chain.ts";

export const NETWORK_ID = { mainnet: -239, testnet: -3 } as const;
const EXPLORER = { mainnet: "https://tonviewer.com", testnet: "https://testnet.tonviewer.com" } as const;
/** The parameter that says which network it is. */
const GLOBAL_ID = 19;

/** @throws a sentence for an address that is none */
export function openChain(settings: TonSettings): Chain {
  const { network, endpoint, second, hotSeed, publisherSeed, providerSeed, topUpInTelegram } = settings;
  const explorer = EXPLORER[network];
  return {
    networkId: NETWORK_ID[network],
    network,
    client: clientOf(endpoint),
    second: second && clientOf(second),
    deposits: addressOf("TON_DEPOSITS", settings.deposits),
    till: addressOf("TON_TILL", settings.till),
    distributor: addressOf("TON_DISTRIBUTOR", settings.distributor),
    hotSeed: hotSeed === null ? null : Buffer.from(hotSeed, "hex"),
    publisherSeed: publisherSeed === null ? null : Buffer.from(publisherSeed, "hex"),
    providerSeed: providerSeed === null ? null : Buffer.from(providerSeed, "hex"),
    topUpInTelegram,
    explorer: { transaction: `${explorer}/transaction/{hash}`, address: `${explorer}/{address}` },
    domains: [new URL(settings.publicOrigin).host],
    nowS: () => Math.floor(Date.now() / 1_000),
  };
}

/** Coins of another network are not these: two networks may have our contracts at the same addresses. */
export async function isOnNetwork({ url, apiKey }: TonEndpoint, network: TonSettings["network"]): Promise<boolean> {
  const cell = await configParam({ endpoint: url, apiKey: apiKey ?? undefined }, GLOBAL_ID);
  return cell.beginParse().loadInt(32) === NETWORK_ID[network];
}

export function clientOf({ url, apiKey }: TonEndpoint): TonClient {
  return new TonClient({ endpoint: url, httpAdapter: retryingAdapter(), ...(apiKey === null ? {} : { apiKey }) });
}

function addressOf(name: string, text: string): Address {
  try {
    return Address.parse(text);
  } catch (error) {
    throw new Error(`${name} is no address: write it as \`npm run deploy\` printed it, e.g. EQC… or 0:…`, {
      cause: error,
    });
  }
}
