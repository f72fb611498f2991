/** Star payments: recognised by name and refused, until the simulator can play a whole payment. */
import { z } from "zod";
import { method } from "../method.ts";
import { TelegramError } from "../telegram-error.ts";

const NAMES = [
  "sendInvoice",
  "createInvoiceLink",
  "answerPreCheckoutQuery",
  "answerShippingQuery",
  "refundStarPayment",
  "getStarTransactions",
  "getMyStarBalance",
] as const;

export const payments = NAMES.map((name) =>
  method(name, z.object({}), () => {
    throw new TelegramError(501, `Not Implemented: ${name} is not in the simulator yet`);
  }),
);
