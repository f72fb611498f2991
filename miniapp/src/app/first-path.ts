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
/** An id without its dashes: of a conversation, or of an answer whose receipt is meant. */
const NAMED = /^(t|receipt)_([\da-f]{8})([\da-f]{4})([\da-f]{4})([\da-f]{4})([\da-f]{12})$/i;
const PAIRING = /^pair_([0-9A-HJKMNP-TV-Z]{8})$/i;

/**
 * The first address, or null to keep the current one (a reload). `hash` is the page's, `#` included;
 * `startParam` is what the link carried: `t_<thread id without dashes>` opens that conversation, `receipt_<run id without dashes>` an answer's receipt,
 * `pair_<code>` the pairing of a machine, `wallet` and the other names of places open those.
 */
export function firstPath(hash: string, startParam: string | null): string | null {
  if (hash.startsWith("#/")) return null;
  const named = NAMED.exec(startParam ?? "");
  if (named) {
    const id = named.slice(2).join("-").toLowerCase();
    return named[1]!.toLowerCase() === "t" ? `/chats/${id}` : `/wallet/receipts/${id}`;
  }
  const pairing = PAIRING.exec(startParam ?? "");
  if (pairing) return `/machines/pair/${pairing[1]!.toUpperCase()}`;
  return startParam !== null && Object.hasOwn(PLACES, startParam) ? PLACES[startParam]! : "/";
}
