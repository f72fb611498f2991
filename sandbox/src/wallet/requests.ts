/** What a page may ask of a wallet by TON Connect, version 2. Read strictly: a wallet signs nothing that it did not understand. */
import { Address, loadStateInit } from "@ton/core";
import type { Cell, StateInit } from "@ton/core";
import { z } from "zod";
import { BocInput } from "../ton/toncenter/inputs.ts";

/** As wallets of every kind take. */
export const MESSAGES_MAX = 4;
const ITEMS_MAX = 4;
const PROOF_PAYLOAD_MAX = 1_024;
/** A BoC of the network's largest message in base64, for each message. */
const PARAMETER_MAX = 400_000;

export const ConnectRequest = z.object({
  manifestUrl: z.string().max(2_000),
  items: z
    .array(
      z.discriminatedUnion("name", [
        z.object({ name: z.literal("ton_addr"), network: z.string().max(12).optional() }),
        z.object({ name: z.literal("ton_proof"), payload: z.string().max(PROOF_PAYLOAD_MAX) }),
      ]),
    )
    .min(1)
    .max(ITEMS_MAX),
});
export type ConnectRequest = z.output<typeof ConnectRequest>;

export const AppRequest = z.object({
  method: z.string().max(60),
  params: z.array(z.string().max(PARAMETER_MAX)).max(4),
  id: z.union([z.string().max(40), z.number()]).transform(String),
});
export type AppRequest = z.output<typeof AppRequest>;

const Friendly = z
  .string()
  .max(100)
  .transform((text, context) => {
    try {
      const { address, isBounceable } = Address.parseFriendly(text);
      return { to: address, bounce: isBounceable };
    } catch {
      context.addIssue({ code: "custom", message: "a message's address is not user-friendly" });
      return z.NEVER;
    }
  });

const Init = BocInput.transform((cell: Cell, context): StateInit => {
  try {
    return loadStateInit(cell.beginParse());
  } catch {
    context.addIssue({ code: "custom", message: "a message's stateInit is none" });
    return z.NEVER;
  }
});

const Message = z
  .object({
    address: Friendly,
    amount: z.string().regex(/^[1-9]\d{0,18}$/, "a message's amount is a decimal string of nano units, above zero"),
    payload: BocInput.optional(),
    stateInit: Init.optional(),
    extra_currency: z.undefined("a message carries other currencies, which this wallet does not send").optional(),
  })
  .transform(({ address, amount, payload, stateInit }) => ({
    ...address,
    value: BigInt(amount),
    body: payload ?? null,
    init: stateInit ?? null,
  }));
export type WishedMessage = z.output<typeof Message>;

export const TransactionRequest = z.object({
  valid_until: z.number().int().nonnegative().optional(),
  network: z.string().max(12).optional(),
  from: z.string().max(100).optional(),
  messages: z.array(Message).min(1).max(MESSAGES_MAX, `at most ${MESSAGES_MAX} messages at once`),
});
export type TransactionRequest = z.output<typeof TransactionRequest>;

/** The page's manifest, which says who asks. */
export const Manifest = z.object({ url: z.url().max(2_000), name: z.string().min(1).max(200) });

/** An answer that is no: its code is TON Connect's, the words are for the page's developer. */
export class WalletRefusal extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.name = "WalletRefusal";
    this.code = code;
  }
}
