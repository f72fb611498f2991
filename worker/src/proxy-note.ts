/** A note about a proxy in the environment: Node's fetch and the pool's socket bypass it, pip uses it. */

const NAMES = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"] as const;

/** A sentence for a message about a connection that failed; empty where no proxy is set. */
export function proxyNote(environment: Record<string, string | undefined>): string {
  const name = NAMES.find((one) => environment[one]);
  return name ? ` ${name} is set, but StarAI itself connects without a proxy (only pip uses it).` : "";
}
