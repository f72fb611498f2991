import { Markdown } from "../components/markdown/late-markdown.ts";
import { ChatScreen, PoolScreen, SettingsScreen, ThreadActions } from "./parts.ts";

/** Where the browser cannot say when it is idle (Safari). */
const LATER_MS = 2_000;

/** Brings the other screens while nothing else is to be done, so that a tunnel or a deployment finds them here. */
export function prefetchParts(): void {
  const connection = (navigator as Navigator & { connection?: { saveData?: boolean } }).connection;
  if (connection?.saveData === true) return;
  if ("requestIdleCallback" in window) requestIdleCallback(begin);
  else setTimeout(begin, LATER_MS);
}

function begin(): void {
  void fetchInTurn();
}

/** One after another: what the person asks for meanwhile goes first. */
async function fetchInTurn(): Promise<void> {
  for (const part of [ChatScreen, Markdown, ThreadActions, SettingsScreen, PoolScreen]) await part.prefetch();
}
