/** The conversation as it is shown: the server's messages, then those still being sent. */
import type { ThreadMessage } from "../../lib/api.ts";
import type { Entry } from "../../lib/outbox.ts";

export interface Shown {
  messages: readonly ThreadMessage[];
  waiting: readonly Entry[];
}

/**
 * An edit or a request for another answer starts a branch, so what followed the old one is no longer shown.
 * @param messages  of the chosen branch, oldest first
 * @param entries  of this thread, in the order they were written
 */
export function shownMessages(messages: readonly ThreadMessage[], entries: readonly Entry[]): Shown {
  let shown = messages;
  const waiting: Entry[] = [];
  for (const entry of entries) {
    const { sending, refusal } = entry;
    const turned = sending.kind === "again" ? sending.message : sending.edits;
    const at = turned === undefined ? -1 : shown.findIndex(({ id }) => id === turned);
    // A refused entry changes nothing: the old branch stays, with the error under it.
    if (at !== -1 && refusal === null) {
      const keepsTurned = sending.kind === "again" && shown[at]?.role === "user";
      shown = shown.slice(0, keepsTurned ? at + 1 : at);
    }
    waiting.push(entry);
  }
  return { messages: shown, waiting };
}

/** The run to follow live; of several queued runs, the one whose turn it is. */
export function runToFollow(messages: readonly ThreadMessage[]): string | null {
  return messages.find(({ run }) => run?.status === "running")?.run?.id ?? null;
}
