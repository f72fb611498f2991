/** Questions to the pool's HTTP API, each within a time and a size. What comes back is parsed before it is believed. */
import type { z } from "zod";

const ANSWER_MS = 5_000;
const NOT_FOUND = 404;
const ANSWER_BYTES_MAX = 1024 * 1024;

/** The pool's answer, parsed. @throws Error with a sentence: not reached, not there, or not in the form it should have. */
export async function askPool<Schema extends z.ZodType>(
  url: string,
  schema: Schema,
  signal?: AbortSignal,
): Promise<z.output<Schema>> {
  const response = await getFrom(url, ANSWER_MS, signal);
  const parsed = schema.safeParse(jsonOf(await shortText(response, url)));
  if (!parsed.success) throw new Error(`${url} does not answer in the form that this version knows`);
  return parsed.data;
}

/** @throws Error with a sentence when it cannot be reached or refuses; a redirect counts as that. */
export async function getFrom(url: string, withinMs: number, signal?: AbortSignal): Promise<Response> {
  const timeout = AbortSignal.timeout(withinMs);
  let response: Response;
  try {
    response = await fetch(url, {
      redirect: "error",
      signal: signal ? AbortSignal.any([timeout, signal]) : timeout,
    });
  } catch (error) {
    throw new Error(`${url} cannot be reached`, { cause: error });
  }
  if (response.ok) return response;
  await response.body?.cancel();
  if (response.status === NOT_FOUND) throw new Error(`${url} is not there: the pool may be of an older version`);
  throw new Error(`${url} answers with ${response.status}`);
}

async function shortText(response: Response, url: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) throw new Error(`${url} answers with more than a megabyte`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
