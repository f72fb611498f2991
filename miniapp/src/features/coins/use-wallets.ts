/** TON Connect for the screens: loaded at the first use, in the app's language and theme. */
import { useCallback } from "react";
import { useBotLink } from "../../data/bot-link.ts";
import type { Chain } from "../../data/use-chain.ts";
import { useApp, useLanguage } from "../../lib/app-context.ts";
import { fetchPart } from "../../lib/fetch-part.ts";
import type { Wallets } from "./ton-connect.ts";

/** @returns what opens it. @throws PartMissing */
export function useWallets({ network }: Pick<Chain, "network">): () => Promise<Wallets> {
  const { storage, telegram } = useApp();
  const language = useLanguage();
  const bot = useBotLink();
  return useCallback(async () => {
    const { openWallets } = await fetchPart(() => import("./ton-connect.ts"));
    return openWallets({
      networkId: network.id,
      bot,
      language,
      dark: isDark(),
      storage,
      person: telegram.person,
    });
  }, [network.id, bot, language, storage, telegram]);
}

function isDark(): boolean {
  const { theme } = document.documentElement.dataset;
  return theme === undefined ? matchMedia("(prefers-color-scheme: dark)").matches : theme === "dark";
}
