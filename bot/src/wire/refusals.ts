/** What a refusal of Telegram's is about: it decides whether another form, another time or nothing at all may help. */
import { GrammyError, HttpError } from "grammy";

/** The chat, the topic or the right to write there is gone, whatever is said. */
const CLOSED =
  /chat not found|PEER_ID_INVALID|not enough rights|have no rights|need administrator rights|CHAT_\w*(?:FORBIDDEN|RESTRICTED)|TOPIC_(?:CLOSED|DELETED)|thread not found|user is deactivated/i;

/** Nobody reads what is sent there: the bot was blocked, removed or silenced, or the chat is no more. */
export function isChatClosed(error: unknown): error is GrammyError {
  if (!(error instanceof GrammyError)) return false;
  return error.error_code === 403 || (error.error_code === 400 && CLOSED.test(error.description));
}

/** Telegram could not read the text, or found it too long; another form of it may pass. */
export function isRefusedText(error: unknown): error is GrammyError {
  return error instanceof GrammyError && error.error_code === 400 && !isChatClosed(error);
}

export function isUnmodified(error: unknown): boolean {
  return error instanceof GrammyError && error.description.includes("message is not modified");
}

/** The same call may be taken later: no connection, too much at once, or a fault of Telegram's own. */
export function mayPass(error: unknown): boolean {
  if (error instanceof HttpError) return true;
  return error instanceof GrammyError && (error.error_code === 429 || error.error_code >= 500);
}

/** Telegram reached the message and broke over it; 502 and the like say that it was not reached. */
export function isFaultOverMessage(error: unknown): boolean {
  return error instanceof GrammyError && error.error_code === 500;
}

/** How long Telegram asks us to wait; 0 where it does not say. */
export function retryAfterMs(error: unknown): number {
  return error instanceof GrammyError ? (error.parameters.retry_after ?? 0) * 1_000 : 0;
}
