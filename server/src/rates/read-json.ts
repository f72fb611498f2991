/** Reads a small JSON answer from a service that is not ours: bounded in size and time, of one shape, from one place. */
import type { z } from "zod";
import { RateUnreadable } from "./rate-unreadable.ts";

/** The answers have 100 to 800 bytes. */
const BYTES_MAX = 64 * 1_024;
export const READ_TIMEOUT_MS = 10_000;

/** Where a service is, when not at its public address, and how long it may take. */
export interface ServiceOptions {
  readonly origin?: string;
  readonly timeoutMs?: number;
}

/**
 * @param schema  of the members that are needed; others are ignored
 * @throws RateUnreadable for everything the service may do wrong; the signal's reason when it is raised
 */
export async function readJson<Shape>(
  url: string,
  schema: z.ZodType<Shape>,
  { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number },
): Promise<Shape> {
  try {
    const text = await readText(url, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]));
    return schema.parse(JSON.parse(text));
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof RateUnreadable) throw error;
    throw new RateUnreadable(`${url} gave no answer that can be read`, { cause: error });
  }
}

async function readText(url: string, signal: AbortSignal): Promise<string> {
  // A redirect would let the service choose whom we ask.
  const response = await fetch(url, { signal, redirect: "error", headers: { accept: "application/json" } });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new RateUnreadable(`${url} answered with status ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop closes the connection.
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > BYTES_MAX) throw new RateUnreadable(`${url} answered with more than ${BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
}
