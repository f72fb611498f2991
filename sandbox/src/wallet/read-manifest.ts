/** Who a page says it is: its TON Connect manifest. */
import { CONNECT_EVENT_ERROR_CODES as CODES } from "@tonconnect/protocol";
import { Manifest, WalletRefusal } from "./requests.ts";
import type { z } from "zod";

const WAIT_MS = 5_000;
const BYTES_MAX = 64 * 1024;

/**
 * Reads it from the stack's own origin only, and follows it nowhere: this wallet asks nothing of other machines.
 * @throws {WalletRefusal}
 */
export async function readManifest(url: string, origin: string): Promise<z.output<typeof Manifest>> {
  if (!URL.canParse(url) || new URL(url).origin !== origin)
    throw notFound(`the dev wallet reads manifests of ${origin} only, and this one is at ${url}`);
  const text = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(WAIT_MS) })
    .then((answer) => (answer.ok ? answer.text() : null))
    .catch(() => null);
  if (text === null || text.length > BYTES_MAX) throw notFound(`there is no manifest at ${url}`);
  const manifest = Manifest.safeParse(jsonOf(text));
  if (manifest.success) return manifest.data;
  throw new WalletRefusal(CODES.MANIFEST_CONTENT_ERROR, `the manifest at ${url} needs "url" and "name"`);
}

const notFound = (message: string) => new WalletRefusal(CODES.MANIFEST_NOT_FOUND_ERROR, message);

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
