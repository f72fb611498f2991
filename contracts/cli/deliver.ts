/** Does with a message what the command line says: signs and sends it, or prints it, with or without a link. */
import { transferLink } from "../offchain/transfer-link.ts";
import type { CliContext } from "./cli-context.ts";
import { messageInWords } from "./message-words.ts";
import { asOrder } from "./multisig-order.ts";
import type { OutgoingMessage } from "./outgoing.ts";
import { send } from "./send.ts";

/**
 * True when the message was sent and every message it caused is processed; false when it was printed, or when it is a multisig's
 * order that others must approve first. @throws {Refused} when a contract rejects it.
 */
export async function deliver(context: CliContext, message: OutgoingMessage): Promise<boolean> {
  const { settings, say } = context;
  const { delivery, multisig } = settings;
  if (delivery !== "send" || multisig) print(context, message);
  const outgoing = multisig ? await asOrder(context, multisig, message) : message;
  switch (delivery) {
    case "send":
      await send(context, outgoing);
      if (multisig) say("The order is made. Each other signer approves it by sending it 0.1 with the comment: approve");
      return multisig === null;
    case "link":
      say(linkOf(context, outgoing));
      return false;
    case "dry-run":
      say("Nothing was sent.");
      return false;
  }
}

function print({ say }: CliContext, message: OutgoingMessage): void {
  if (message.from) say(`From        ${message.from.toString({ bounceable: false })}, nobody else`);
  for (const line of messageInWords(message, message.contracts[0]?.name)) say(line);
  // Pages that send for a multisig ask for the message's body by itself.
  if (message.body.bits.length > 0) say(`Payload     ${message.body.toBoc().toString("base64")}`);
}

/** The message as a link that any wallet opens. */
export function linkOf({ settings }: CliContext, { to, value, body, init, bounce = true }: OutgoingMessage): string {
  const testOnly = settings.networkId !== MAINNET;
  return transferLink({ to, bounceable: bounce, testOnly, amount: value, body, init: init ?? null });
}

const MAINNET = -239;
