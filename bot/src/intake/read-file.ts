/** A file that a person sent, fetched from Telegram within a bound. */
import type { Api } from "grammy";

export type ReadFile = (fileId: string, signal: AbortSignal) => Promise<Uint8Array | null>;

/** A text of the longest message in any script, and room for what is not said in it. */
export const FILE_BYTES_MAX = 128 * 1024;
const TIMEOUT_MS = 20_000;

interface Source {
  token: string;
  apiRoot?: string;
  fetch?: typeof fetch;
}

/** Answers `null` for a file that is larger than the bound, cannot be had from there, or does not come in time. */
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
      // The address holds the bot's token, so not even the fault is told.
      return null;
    }
  };
}

/** What a server says of a length is not believed: what comes is counted. */
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
