/**
 * A receipt as text, and back. There is one text for each receipt, whatever order its members were put together in, so
 * that a signature over the text is a signature over the receipt.
 */
import { Receipt } from "@starai/protocol/receipts";
import { toStorableJson } from "../db/storable.ts";

/**
 * JSON without spaces, members in the order of the schema, and nothing in it that PostgreSQL could not keep as text or
 * read as JSON. @throws ZodError for what is no receipt
 */
export function receiptText(receipt: Receipt): string {
  // The schema's parser allows known members only, and puts them in its own order.
  return JSON.stringify(Receipt.parse(JSON.parse(toStorableJson(receipt))));
}

/** Null for a text that receiptText would not have written. */
export function readReceipt(text: string): Receipt | null {
  try {
    const receipt = Receipt.parse(JSON.parse(text));
    return receiptText(receipt) === text ? receipt : null;
  } catch {
    return null;
  }
}
