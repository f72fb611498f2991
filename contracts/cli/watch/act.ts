import type { CliContext } from "../cli-context.ts";
import { linkOf } from "../deliver.ts";
import { describeFailure, Refused } from "../failure.ts";
import type { OutgoingMessage } from "../outgoing.ts";
import { send } from "../send.ts";

export interface Acted {
  done: boolean;
  /** A contract took its fee and changed nothing: sending it again costs that again. */
  refused: boolean;
  says: string;
}

/**
 * Sends the message if there is a wallet that may send, and says what came of it; else, and where sending failed, the link that does it.
 * Never throws.
 */
export async function act(context: CliContext, message: OutgoingMessage): Promise<Acted> {
  const byLink = `open in a wallet: ${linkOf(context, message)}`;
  if (!mayAct(context)) return { done: false, refused: false, says: byLink };
  try {
    await send({ ...context, say: () => {} }, message);
    return { done: true, refused: false, says: "done" };
  } catch (error) {
    const says = `not done: ${describeFailure(error)} Instead ${byLink}`;
    return { done: false, refused: error instanceof Refused, says };
  }
}

/** Whether a watch acts by itself: it has a wallet, and the command line did not ask for words or links only. */
export function mayAct({ signer, settings }: CliContext): boolean {
  return signer !== null && settings.delivery === "send";
}
