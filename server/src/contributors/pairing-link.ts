/** Where a code is opened instead of typed: in Telegram, the app of the bot. */
import type { Config } from "../config.ts";
import type { ChainContext } from "../chain/context.ts";

/** Null where the server has no bot. */
export function pairingLink(
  { config: { botUsername }, ton: { chain } }: { config: Pick<Config, "botUsername"> } & Pick<ChainContext, "ton">,
  code: string,
): string | null {
  if (botUsername === null) return null;
  const parameter = `pair_${code.replace("-", "")}`;
  // Telegram is simulated there, on this machine's own page.
  const page = chain?.network === "sandbox" ? chain.domains[0] : undefined;
  return page === undefined
    ? `https://t.me/${botUsername}?startapp=${parameter}`
    : `http://${page}/?startapp=${parameter}`;
}
