/** A thread's chosen branch as far as it was read, kept up to date by fetching only its newest stretch. */
import type { ThreadView } from "../../lib/api.ts";

/** Twenty stretches; older ones are fetched again when the person scrolls up to them. */
export const MESSAGES_KEPT_MAX = 1_000;

/** Keeps the known messages above the newest stretch if it joins them, and drops them otherwise. */
export function mergeNewest(known: ThreadView | undefined, newest: ThreadView): ThreadView {
  const parent = newest.messages[0]?.parent ?? null;
  const at = known?.messages.findIndex(({ id }) => id === parent) ?? -1;
  if (known === undefined || parent === null || at === -1) return newest;
  return bounded({
    ...newest,
    messages: [...known.messages.slice(0, at + 1), ...newest.messages],
    before: known.before,
  });
}

/** Adds older messages above the known ones; unchanged if the branch has changed meanwhile. */
export function prependOlder(known: ThreadView, older: ThreadView): ThreadView {
  const joins = known.messages[0]?.parent === older.messages.at(-1)?.id;
  if (!joins) return known;
  return { ...known, messages: [...older.messages, ...known.messages], before: older.before };
}

function bounded(view: ThreadView): ThreadView {
  const messages = view.messages.slice(-MESSAGES_KEPT_MAX);
  return messages.length === view.messages.length ? view : { ...view, messages, before: messages[0]?.id ?? null };
}
