/** Which screen a launch opens. */
const THREAD = /^t_([\da-f]{8})([\da-f]{4})([\da-f]{4})([\da-f]{4})([\da-f]{12})$/i;

/**
 * The first address, or null to keep the current one (a reload). `hash` is the page's, `#` included;
 * `startParam` is what the link carried: `t_<thread id without dashes>` opens that conversation.
 */
export function firstPath(hash: string, startParam: string | null): string | null {
  if (hash.startsWith("#/")) return null;
  const thread = THREAD.exec(startParam ?? "");
  return thread ? `/chats/${thread.slice(1).join("-").toLowerCase()}` : "/";
}
