/** Reads a parameter of the blockchain configuration from a toncenter v2 endpoint; @ton/ton's client has no call for it. */
import { Cell } from "@ton/core";

const TIMEOUT_MS = 30_000;
/** The largest parameter of interest is 1 KB; a longer answer is not one. */
const ANSWER_CHARS_MAX = 100_000;

export interface Endpoint {
  endpoint: string;
  apiKey: string | undefined;
}

/** @throws when the endpoint does not answer with a cell; never with the API key in the message. */
export async function configParam({ endpoint, apiKey }: Endpoint, id: number): Promise<Cell> {
  const answer = await fetch(endpoint, {
    method: "POST",
    headers: { "content-type": "application/json", ...(apiKey ? { "X-API-Key": apiKey } : {}) },
    body: JSON.stringify({ id: "1", jsonrpc: "2.0", method: "getConfigParam", params: { config_id: id } }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((error: unknown) => {
    throw new Error(`${endpoint} does not answer`, { cause: error });
  });
  const text = await answer.text();
  if (!answer.ok || text.length > ANSWER_CHARS_MAX)
    throw new Error(`${endpoint} answered ${answer.status} when asked for configuration parameter ${id}`);
  return cellOf(text, id);
}

function cellOf(text: string, id: number): Cell {
  try {
    const { result } = JSON.parse(text) as { result: { config: { bytes: string } } };
    return Cell.fromBase64(result.config.bytes);
  } catch (error) {
    throw new Error(`The endpoint's answer holds no configuration parameter ${id}`, { cause: error });
  }
}
