/**
 * Messages of multisig-v2.1: `new_order#f718510f query_id:uint64 order_seqno:uint256 signer:Bool index:uint8
 * expiration_date:uint48 order:^(Hashmap 8 ^Action)`, with the action `send_message#f1381e5b mode:uint8 message:^(MessageRelaxed)`.
 * @see https://github.com/ton-blockchain/multisig-contract-v2
 */
import { beginCell, Dictionary, internal, loadMessageRelaxed, SendMode, storeMessageRelaxed } from "@ton/core";
import type { Cell, MessageRelaxed } from "@ton/core";
import type { OutgoingMessage } from "./outgoing.ts";

const NEW_ORDER = 0xf718510f;
const SEND_MESSAGE = 0xf1381e5b;
/** Modes up to this one send the amount that the message says: fees apart or not, errors ignored or not. */
const PLAIN_MODES = SendMode.PAY_GAS_SEPARATELY | SendMode.IGNORE_ERRORS;
/** Stands for the multisig's next order, whichever that is when the message arrives. */
const NEXT_ORDER = 2n ** 256n - 1n;
const ACTIONS = [Dictionary.Keys.Uint(8), Dictionary.Values.Cell()] as const;

/** An order of one action: to send this message, its value and fees out of the multisig's balance. */
export function orderOf({ to, value, body, init, bounce = true }: OutgoingMessage): Cell {
  const message = beginCell().store(storeMessageRelaxed(internal({ to, value, body, init, bounce })));
  const action = beginCell()
    .storeUint(SEND_MESSAGE, 32)
    .storeUint(SendMode.PAY_GAS_SEPARATELY, 8)
    .storeRef(message)
    .endCell();
  const actions = Dictionary.empty(...ACTIONS).set(0, action);
  return beginCell().storeDictDirect(actions).endCell();
}

/** `index` is the sender's place among signers or proposers, `expiresAt` UNIX seconds. */
export function newOrderBody(input: { signer: boolean; index: number; expiresAt: number; order: Cell }): Cell {
  return beginCell()
    .storeUint(NEW_ORDER, 32)
    .storeUint(0, 64)
    .storeUint(NEXT_ORDER, 256)
    .storeBit(input.signer)
    .storeUint(input.index, 8)
    .storeUint(input.expiresAt, 48)
    .storeRef(input.order)
    .endCell();
}

/** The messages that an order would have the multisig send; null when the body makes no order, or one that does something else, too. */
export function readOrder(body: Cell): MessageRelaxed[] | null {
  try {
    const slice = body.beginParse();
    if (slice.loadUint(32) !== NEW_ORDER) return null;
    const actions = Dictionary.loadDirect(...ACTIONS, slice.loadRef()).values();
    return actions.map((cell) => {
      const action = cell.beginParse();
      if (action.loadUint(32) !== SEND_MESSAGE) throw new Error("an action that sends nothing");
      // Other modes carry another amount than the message says, all of the balance for instance.
      if (action.loadUint(8) > PLAIN_MODES) throw new Error("an amount that the message does not say");
      const message = loadMessageRelaxed(action.loadRef().beginParse());
      action.endParse();
      return message;
    });
  } catch {
    return null;
  }
}
