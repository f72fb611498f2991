import { readTransferLink } from "../offchain/transfer-link.ts";
import type { CliContext } from "./cli-context.ts";
import { messageInWords } from "./message-words.ts";

/** Says what a link would send, for whoever is asked to open one. */
export async function readLink({ say }: CliContext, [link = ""]: readonly string[]): Promise<void> {
  const { to, amount, body, init } = readTransferLink(link);
  for (const line of messageInWords({ to, value: amount, body, ...(init && { init }) })) say(line);
}
