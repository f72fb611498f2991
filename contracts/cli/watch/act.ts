import type { CliContext } from "../cli-context.ts";
import { linkOf } from "../deliver.ts";
import { describeFailure } from "../failure.ts";
import type { OutgoingMessage } from "../outgoing.ts";
import { send } from "../send.ts";

/** Sends the message if there is a wallet, and says what came of it; else the link that does it. Never throws. */
export async function act(context: CliContext, message: OutgoingMessage): Promise<{ done: boolean; says: string }> {
  if (!context.signer) return { done: false, says: `open in a wallet: ${linkOf(context, message)}` };
  try {
    await send({ ...context, say: () => {} }, message);
    return { done: true, says: "done" };
  } catch (error) {
    return { done: false, says: `not done: ${describeFailure(error)}` };
  }
}
