/** What concerns pay, in sentences for the owner of the machine. What the pool sends is shown without control characters. */
import { exactAmount, shortAmount } from "@starai/protocol/amounts";
import { STAKE_MIN } from "@starai/protocol/contributor";
import type { WorkerStanding } from "@starai/protocol/worker-frames";
import type { Asset } from "../notes/note-book.ts";
import { ownCommand } from "../own-command.ts";

const NAME_CHARS_MAX = 60;

export interface Pairing {
  code: string;
  link: string | null;
  expiresAt: string;
}

/** Text of a stranger for a terminal: one line, without anything that moves the cursor. */
export function plain(text: string, charsMax = NAME_CHARS_MAX): string {
  return Array.from(text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, ""))
    .slice(0, charsMax)
    .join("");
}

/** "0.0041 coins", "12 Stars". */
export function amountWords(nano: bigint, asset: Asset): string {
  return `${shortAmount(nano, { language: "en", round: "down" })} ${asset === "coin" ? "coins" : "Stars"}`;
}

export function pairingWords({ code, link, expiresAt }: Pairing): string[] {
  return [
    `to make this machine yours, type the code ${plain(code, 20)} in the app under Machines`,
    ...(link === null ? [] : [`or open ${plain(link, 300)}`]),
    `the code is good until ${clock(expiresAt)}; only you should see it`,
  ];
}

/** Everything the standing says, a sentence a line. */
export function standingWords({ owner, stake, isPaid, heldUntilEpoch }: WorkerStanding): string[] {
  if (owner === null) return [`this machine is nobody's yet, and its pay waits. Make it yours: ${ownCommand("pair")}`];
  const name = plain(owner.name);
  return [
    owner.wallet === null
      ? `this machine is ${name}'s, who has no wallet yet: its pay waits until one is connected in the app`
      : `this machine is ${name}'s, and its pay goes to the wallet ${shortAddress(owner.wallet)}`,
    stakeWords(stake, isPaid),
    ...(heldUntilEpoch === null
      ? []
      : [`its pay waits until epoch ${heldUntilEpoch} is closed, as every new machine's`]),
  ];
}

/** Said at once when it changes hands; null: it did not. */
export function newOwnerWords(before: WorkerStanding | null, { owner }: WorkerStanding): string | null {
  if (before === null || sameOwner(before.owner, owner)) return null;
  if (owner === null)
    return `this machine is nobody's again. Its key stays, and so does what it earned: ${ownCommand("pair")}`;
  return `this machine is now ${plain(owner.name)}'s. If that is not you: ${ownCommand("unpair")}`;
}

function sameOwner(one: WorkerStanding["owner"], other: WorkerStanding["owner"]): boolean {
  return one?.name === other?.name && (one === null) === (other === null);
}

function stakeWords(stake: string, isPaid: boolean): string {
  const nano = /^\d{1,19}$/.test(stake) ? BigInt(stake) : 0n;
  const has = `the stake behind it is ${exactAmount(nano)} coins`;
  if (isPaid) return `${has}: it gets paid work`;
  return `${has}, and paid work begins at ${exactAmount(STAKE_MIN)}: until then its work is unpaid and counts for its reputation`;
}

export function shortAddress(address: string): string {
  const shown = plain(address, 80);
  return shown.length <= 16 ? shown : `${shown.slice(0, 8)}…${shown.slice(-6)}`;
}

const clock = (at: string) => new Date(at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
