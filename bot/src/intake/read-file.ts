/** Fetches a file that a person sent from Telegram, within a size limit. */
import type { Api } from "grammy";

export type ReadFile = (fileId: string, signal: AbortSignal) => Promise<Uint8Array | null>;

/** Enough for the longest question in any script, with some margin. */
export const FILE_BYTES_MAX = 128 * 1024;
const TIMEOUT_MS = 20_000;

interface Source {
  token: string;
  apiRoot?: string;
  fetch?: typeof fetch;
}

/** Returns a reader that gives `null` for a file that is too large, unavailable, or not received in time. */
export function fileReader(
  api: Api,
  { token, apiRoot = "https://api.telegram.org", fetch: send = fetch }: Source,
): ReadFile {
  return async (fileId, signal) => {
    try {
      const { file_path: path = "" } = await api.getFile(fileId);
      if (!/^[\w.-]+(?:\/[\w.-]+)*$/.test(path) || path.includes("..")) return null;
      const within = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
      const answer = await send(`${apiRoot}/file/bot${token}/${path}`, { signal: within, redirect: "error" });
      return answer.ok && answer.body ? await bounded(answer.body) : null;
    } catch {
      // The URL contains the bot's token, so the error is not logged.
      return null;
    }
  };
}

/** Reads the body up to the limit, counting its bytes instead of trusting the declared length. */
async function bounded(body: ReadableStream<Uint8Array>): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > FILE_BYTES_MAX) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
