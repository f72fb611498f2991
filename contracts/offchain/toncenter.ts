/** What @ton/ton's client cannot ask a toncenter v2 endpoint: parameters of the configuration, and the hash of a frozen account. */
import { Cell } from "@ton/core";
import type { Address } from "@ton/core";

const TIMEOUT_MS = 30_000;
/** An account of ours has 30 KB; a longer answer is none. */
const ANSWER_CHARS_MAX = 1_000_000;

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
  const answer = await fetch(endpoint, {
    method: "POST",
    headers: { "content-type": "application/json", ...(apiKey ? { "X-API-Key": apiKey } : {}) },
    body: JSON.stringify({ id: "1", jsonrpc: "2.0", method, params }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((error: unknown) => {
    throw new Error(`${endpoint} does not answer`, { cause: error });
  });
  const text = await answer.text();
  const result = answer.ok && text.length <= ANSWER_CHARS_MAX ? resultOf(text) : null;
  if (!result) throw new Error(`The endpoint answered ${answer.status} when asked for ${method}.`);
  return result;
}

function resultOf(text: string): object | null {
  try {
    const { result } = JSON.parse(text) as { result?: unknown };
    return typeof result === "object" ? result : null;
  } catch {
    return null;
  }
}
