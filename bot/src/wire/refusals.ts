/** Classifies Telegram's errors: whether another form, a later retry or nothing can help. */
import { GrammyError, HttpError } from "grammy";

/** Errors that mean that the chat, the topic or the right to write there is gone. */
const CLOSED =
  /chat not found|PEER_ID_INVALID|not enough rights|have no rights|need administrator rights|CHAT_\w*(?:FORBIDDEN|RESTRICTED)|TOPIC_(?:CLOSED|DELETED)|thread not found|user is deactivated/i;

/** The chat cannot be written to: the bot was blocked, removed or muted, or the chat no longer exists. */
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

/** The same call may succeed later: no connection, too many calls, or a server error. */
export function mayPass(error: unknown): boolean {
  if (error instanceof HttpError) return true;
  return error instanceof GrammyError && (error.error_code === 429 || error.error_code >= 500);
}

/** Telegram failed on the message itself; 502 and the like mean that the message was not processed. */
export function isFaultOverMessage(error: unknown): boolean {
  return error instanceof GrammyError && error.error_code === 500;
}

/** How long Telegram asks us to wait; 0 where it does not say. */
export function retryAfterMs(error: unknown): number {
  return error instanceof GrammyError ? (error.parameters.retry_after ?? 0) * 1_000 : 0;
}
