/** A message in words, read back from its bytes: who sees it sees what the contract will read. */
import { Address } from "@ton/core";
import type { Cell, MessageRelaxed } from "@ton/core";
import { TolkMessages } from "../offchain/tolk-messages.ts";
import type { Decoded, Field } from "../offchain/tolk-messages.ts";
import { VAULT_ROLES } from "../wrappers/Vault.ts";
import { readOrder } from "./multisig-message.ts";
import { coins } from "./words.ts";

const LABEL = 12;
const row = (label: string, value: string) => `${label.padEnd(LABEL)}${value}`;

export interface ReadableMessage {
  to: Address;
  value: bigint;
  body: Cell | null;
  init?: unknown;
}

/** Lines that say what the message does. `name` is the receiver's, where it is known. */
export function messageInWords(message: ReadableMessage, name?: string): string[] {
  const { to, value, body, init } = message;
  return [
    row("To", `${to.toString()}${name ? ` (${name})` : ""}`),
    row("Amount", coins(value)),
    ...(init ? [row("Deploys", "the contract, if it is not there yet")] : []),
    ...bodyInWords(body),
  ];
}

export function bodyInWords(body: Cell | null): string[] {
  if (!body || body.bits.length === 0) return [row("Message", "none, only money")];
  const order = readOrder(body);
  if (order) return [row("Message", "an order of a multisig, to send"), ...order.flatMap(orderedInWords)];
  const comment = commentOf(body);
  if (comment !== null) return [row("Message", `the comment ${JSON.stringify(comment)}`)];
  const decoded = TolkMessages.read().decode(body.beginParse());
  if (!decoded) return [row("Message", `not one of our contracts': ${body.bits.length} bits`)];
  return [
    row("Message", `${decoded.name} (${decoded.contract})`),
    ...decoded.fields.map((field) => row(`  ${words(field.name)}`.padEnd(LABEL - 1), valueOf(field, unitOf(decoded)))),
  ];
}

function orderedInWords({ info, body, init }: MessageRelaxed): string[] {
  if (info.type !== "internal") return ["  a log entry"];
  const message = { to: info.dest, value: info.value.coins, body, ...(init && { init }) };
  return messageInWords(message).map((line) => `  ${line}`);
}

/** The text of a plain comment; null for every other body. */
function commentOf(body: Cell): string | null {
  const slice = body.beginParse();
  if (slice.remainingBits < 32 || slice.loadUint(32) !== 0) return null;
  try {
    return slice.loadStringTail();
  } catch {
    return null;
  }
}

/** Jettons are counted in units of their own, which only their wallet knows. */
const unitOf = ({ fields }: Decoded) =>
  fields.some(({ value }) => value === "SweepJetton") ? (units: bigint) => `${units} units of the jetton` : coins;

function valueOf({ name, kind, value }: Field, amountInWords: (amount: bigint) => string): string {
  if (kind === "amount") return amountInWords(BigInt(value));
  if (name === "owner" && kind === "hash") return Address.parseRaw(`0:${value}`).toString({ bounceable: false });
  if (name === "role") return VAULT_ROLES[Number(value)] ?? value;
  return value;
}

/** `dailyCap` as `daily cap`. */
const words = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
