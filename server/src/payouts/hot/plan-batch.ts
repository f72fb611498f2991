/** Which of the waiting messages go into the next batch. Pure. */
import type { WaitingMessage } from "./waiting-messages.ts";

/** The house's own money that stays: gas and forward fees of a full batch are under 0.02 coins. */
export const OWN_MARGIN = 50_000_000n;

/** What anything but a request to the vault leaves: it always pays for that request, or nothing would ever come again. */
export const LEFT_FOR_ASKING = 2n * OWN_MARGIN;

const floorOf = ({ kind }: WaitingMessage) => (kind === "pay_hot" ? OWN_MARGIN : LEFT_FOR_ASKING);

/** The longest beginning that this balance pays for. A message that it cannot pay for would be left out by the wallet. */
export function affordable(waiting: readonly WaitingMessage[], balance: bigint): WaitingMessage[] {
  let left = balance;
  const end = waiting.findIndex((message) => (left -= message.value) < floorOf(message));
  return waiting.slice(0, end === -1 ? waiting.length : end);
}
