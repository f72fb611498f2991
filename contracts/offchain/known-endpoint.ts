/** Where a network's chain can be asked without a setting, by the network id that a leaf file names. */
import { LOCAL_NETWORK_ID } from "../chain-config/local-network.ts";

/** The chain of `npm start` is behind the same port as everything else of it. */
const SANDBOX_ENDPOINT_PATH = "/ton/api/v2/jsonRPC";

const ENDPOINTS = new Map([
  [-239, "https://toncenter.com/api/v2/jsonRPC"],
  [-3, "https://testnet.toncenter.com/api/v2/jsonRPC"],
]);

/** Toncenter's JSON-RPC; null: nobody is known to answer for this network. @param sandbox  where `npm start` listens */
export function knownEndpoint(network: number, sandbox = "http://127.0.0.1:8080"): string | null {
  if (network === LOCAL_NETWORK_ID) return `${sandbox}${SANDBOX_ENDPOINT_PATH}`;
  return ENDPOINTS.get(network) ?? null;
}
