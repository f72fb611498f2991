/** The Bot API as the server uses it: for invoices, refunds, subscriptions and the statement of Stars. */
import { Api, GrammyError, HttpError } from "grammy";
import type { Config } from "../config.ts";
import { Refusal } from "../errors.ts";

export type StarsApi = Pick<
  Api,
  "createInvoiceLink" | "editUserStarSubscription" | "getStarTransactions" | "refundStarPayment"
>;

/** A person waits for some of these calls; Telegram answers them within a second. */
const TIMEOUT_S = 15;

/** Null without a token. */
export function openTelegram({ botToken, botApiRoot }: Pick<Config, "botToken" | "botApiRoot">): StarsApi | null {
  return botToken === null ? null : new Api(botToken, { apiRoot: botApiRoot, timeoutSeconds: TIMEOUT_S });
}

/** Calls Telegram. @throws Refusal, with a sentence that says what became of the money */
export async function askTelegram<Value>(
  { telegram }: { readonly telegram: StarsApi | null },
  call: (api: StarsApi) => Promise<Value>,
): Promise<Value> {
  if (telegram === null)
    throw new Refusal(
      "not_configured",
      "This server has no bot's token (BOT_TOKEN), so it cannot ask Telegram about Stars. Nothing was changed.",
    );
  try {
    return await call(telegram);
  } catch (error) {
    throw refusalOf(error);
  }
}

/** Telegram's word for why not, e.g. `CHARGE_ALREADY_REFUNDED`; null for any other fault. */
export function wordOf(error: unknown): string | null {
  const cause = error instanceof Refusal ? error.cause : error;
  return cause instanceof GrammyError ? cause.description : null;
}

/** What went wrong may hold the token in an address, so that only Telegram's own words are repeated. */
function refusalOf(cause: unknown): unknown {
  if (cause instanceof HttpError)
    return new Refusal(
      "interrupted",
      "Telegram does not answer, so it is not known whether this was done there. Asking again is safe: nothing is done or charged twice.",
      { retryAfterS: 10, cause },
    );
  if (!(cause instanceof GrammyError)) return cause;
  if (cause.error_code === 429 || cause.error_code >= 500)
    return new Refusal("interrupted", "Telegram is busy. Nothing was changed; try again in a minute.", {
      retryAfterS: cause.parameters.retry_after ?? 60,
      cause,
    });
  return new Refusal("conflict", `Telegram refuses this: ${cause.description}. Nothing was changed.`, { cause });
}
