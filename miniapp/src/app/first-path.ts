/** Which screen a launch opens. */
const PLACES: Record<string, string> = {
  wallet: "/wallet",
  topup: "/wallet/top-up",
  coins: "/wallet/coins",
  caps: "/wallet/limits",
  history: "/wallet/history",
  keys: "/wallet/keys",
  machines: "/machines",
  terms: "/terms",
  privacy: "/privacy",
};
const THREAD = /^t_([\da-f]{8})([\da-f]{4})([\da-f]{4})([\da-f]{4})([\da-f]{12})$/i;
const PAIRING = /^pair_([0-9A-HJKMNP-TV-Z]{8})$/i;

/**
 * The first address, or null to keep the current one (a reload). `hash` is the page's, `#` included;
 * `startParam` is what the link carried: `t_<thread id without dashes>` opens that conversation, `pair_<code>` the pairing of a machine, `wallet` and the other
 * names of places open those.
 */
export function firstPath(hash: string, startParam: string | null): string | null {
  if (hash.startsWith("#/")) return null;
  const thread = THREAD.exec(startParam ?? "");
  if (thread) return `/chats/${thread.slice(1).join("-").toLowerCase()}`;
  const pairing = PAIRING.exec(startParam ?? "");
  if (pairing) return `/machines/pair/${pairing[1]!.toUpperCase()}`;
  return startParam !== null && Object.hasOwn(PLACES, startParam) ? PLACES[startParam]! : "/";
}
