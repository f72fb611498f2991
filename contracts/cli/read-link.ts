import { Cell } from "@ton/core";
import { readTransferLink } from "../offchain/transfer-link.ts";
import type { CliContext } from "./cli-context.ts";
import { bodyInWords, messageInWords } from "./message-words.ts";

/** Says what a link would send, or what a payload means, for whoever is asked to open, approve or paste one. */
export async function readLink({ say }: CliContext, [text = ""]: readonly string[]): Promise<void> {
  for (const line of text.startsWith("ton:") ? linkInWords(text) : bodyInWords(payloadOf(text))) say(line);
}

function linkInWords(link: string): string[] {
  const { to, amount, body, init } = readTransferLink(link);
  return messageInWords({ to, value: amount, body, ...(init && { init }) });
}

/** A bag of cells in base64 or hex. */
function payloadOf(text: string): Cell {
  try {
    const [root, ...more] = Cell.fromBoc(Buffer.from(text, /^[0-9a-f]+$/i.test(text) ? "hex" : "base64"));
    if (root && more.length === 0) return root;
  } catch {
    // Reported below.
  }
  throw new Error("This is neither a ton://transfer link nor a payload, a bag of cells in base64 or hex.");
}
