/** What @ton/ton's client cannot ask a toncenter v2 endpoint: parameters of the configuration, and the hash of a frozen account. */
import { Cell } from "@ton/core";
import type { Address } from "@ton/core";
import { retryingPost } from "./retrying-post.ts";

export interface Endpoint {
  endpoint: string;
  apiKey: string | undefined;
}

/** A parameter of the blockchain configuration. @throws when the endpoint does not answer with a cell. */
export async function configParam(from: Endpoint, id: number): Promise<Cell> {
  const { config } = (await ask(from, "getConfigParam", { config_id: id })) as { config?: { bytes?: unknown } };
  if (typeof config?.bytes !== "string") throw new Error(`The endpoint knows no configuration parameter ${id}.`);
  return Cell.fromBase64(config.bytes);
}

/** An account's status, and of a frozen one the hash of its last state, which is empty for any other. */
export async function accountStatus(from: Endpoint, address: Address): Promise<{ state: string; frozenHash: Buffer }> {
  const { state, frozen_hash: hash } = (await ask(from, "getAddressInformation", {
    address: address.toString(),
  })) as Record<string, unknown>;
  return { state: String(state), frozenHash: Buffer.from(typeof hash === "string" ? hash : "", "base64") };
}

/** @throws when the endpoint does not answer with a result; never with the API key in the message. */
async function ask({ endpoint, apiKey }: Endpoint, method: string, params: object): Promise<object> {
  const headers = { "content-type": "application/json", ...(apiKey ? { "X-API-Key": apiKey } : {}) };
  const body = JSON.stringify({ id: "1", jsonrpc: "2.0", method, params });
  const { ok, status, data } = await retryingPost(endpoint, { body, headers }).catch((error: unknown) => {
    throw new Error(`${new URL(endpoint).origin} does not answer`, { cause: error });
  });
  const { result } = (data ?? {}) as { result?: unknown };
  if (!ok || typeof result !== "object" || result === null)
    throw new Error(`The endpoint answered ${status} when asked for ${method}.`);
  return result;
}
