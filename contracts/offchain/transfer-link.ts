/**
 * A message as a link that any wallet opens, so that nobody must give a wallet's words away to send it:
 * `ton://transfer/<address>?amount=<nano>&bin=<body>&init=<state init>`, with cells as BoCs in base64url.
 */
import { Address, beginCell, Cell, contractAddress, loadStateInit, storeStateInit } from "@ton/core";
import type { StateInit } from "@ton/core";

export interface TransferRequest {
  to: Address;
  /** Whether the money comes back where the receiver refuses it; false for a wallet that may not be deployed yet. */
  bounceable: boolean;
  /** Whether wallets shall refuse it outside a test network. */
  testOnly: boolean;
  /** Nano units. */
  amount: bigint;
  body: Cell | null;
  /** Deploys the receiver first. Its address must follow from it. */
  init: StateInit | null;
}

/** Longest accepted link, characters: four times one that deploys a contract with a proof. */
export const LINK_CHARS_MAX = 16_384;
const COINS_BITS = 120;

/** Every link written here is read back by `readTransferLink`. @throws {RangeError} on an amount or a body that is too large. */
export function transferLink({ to, bounceable, testOnly, amount, body, init }: TransferRequest): string {
  if (BigInt.asUintN(COINS_BITS, amount) !== amount) throw new RangeError(`${amount} is not an amount in nano units`);
  const query = [
    `amount=${amount}`,
    ...(body ? [`bin=${base64url(body)}`] : []),
    ...(init ? [`init=${base64url(beginCell().store(storeStateInit(init)).endCell())}`] : []),
  ];
  const link = `ton://transfer/${to.toString({ bounceable, testOnly, urlSafe: true })}?${query.join("&")}`;
  if (link.length > LINK_CHARS_MAX) throw new RangeError("the message is too long for a link");
  return link;
}

/**
 * Parses a link strictly: a parameter it does not know, such as a jetton, could change what is sent.
 * @throws with the name of the first part at fault.
 */
export function readTransferLink(link: string): TransferRequest {
  const [, address, query] = (link.length <= LINK_CHARS_MAX && LINK.exec(link)) || [];
  if (address === undefined || query === undefined)
    throw new Error("This is not a link that begins with ton://transfer/, an address and an amount.");
  const { amount, bin, init } = parametersOf(query);
  const friendly = part("address", () => Address.parseFriendly(address));
  const to = friendly.address;
  return {
    to,
    bounceable: friendly.isBounceable,
    testOnly: friendly.isTestOnly,
    amount: part("amount", () => nanoOf(amount)),
    body: bin === undefined ? null : part("bin", () => cellOf(bin)),
    init: init === undefined ? null : part("init", () => initOf(init, to)),
  };
}

const LINK = /^ton:\/\/transfer\/([\w-]{48})\?([\w=&-]+)$/;
const PARAMETERS = ["amount", "bin", "init"];

function parametersOf(query: string): Partial<Record<string, string>> {
  const found: Partial<Record<string, string>> = {};
  for (const parameter of query.split("&")) {
    const [name = "", value = "", ...more] = parameter.split("=");
    if (!PARAMETERS.includes(name)) throw new Error(`The link has a parameter that is not supported: ${name}`);
    if (found[name] !== undefined || more.length > 0) throw new Error(`The link has more than one ${name}.`);
    found[name] = value;
  }
  return found;
}

function nanoOf(text: string | undefined): bigint {
  if (text === undefined || !/^(0|[1-9]\d{0,36})$/.test(text)) throw new Error("no whole number");
  const nano = BigInt(text);
  if (BigInt.asUintN(COINS_BITS, nano) !== nano) throw new Error("too much");
  return nano;
}

function cellOf(text: string): Cell {
  const [root, ...more] = Cell.fromBoc(Buffer.from(text, "base64url"));
  if (!root || more.length > 0) throw new Error("not one cell");
  return root;
}

function initOf(text: string, to: Address): StateInit {
  const slice = cellOf(text).beginParse();
  const init = loadStateInit(slice);
  slice.endParse();
  if (!contractAddress(to.workChain, init).equals(to)) throw new Error("another contract's");
  return init;
}

function part<Value>(name: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    throw new Error(`The link's ${name} is malformed.`, { cause: error });
  }
}

const base64url = (cell: Cell): string => cell.toBoc().toString("base64url");
