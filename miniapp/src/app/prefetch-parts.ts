import { Markdown } from "../components/markdown/late-markdown.ts";
import {
  CapsSheet,
  ChatScreen,
  CoinsScreen,
  HistoryScreen,
  JoinPool,
  KeysScreen,
  MachinesScreen,
  PoolScreen,
  ReceiptSheet,
  SettingsScreen,
  ThreadActions,
  TopUpCoinsScreen,
  TopUpSheet,
  WalletScreen,
  WithdrawScreen,
} from "./parts.ts";

/** Delay where the browser has no `requestIdleCallback` (Safari). */
const IDLE_FALLBACK_MS = 2_000;

/** Loads the other screens while the browser is idle, so that they work offline and across a deployment. */
export function prefetchParts(): void {
  const connection = (navigator as Navigator & { connection?: { saveData?: boolean } }).connection;
  if (connection?.saveData === true) return;
  if ("requestIdleCallback" in window) requestIdleCallback(begin);
  else setTimeout(begin, IDLE_FALLBACK_MS);
}

function begin(): void {
  void fetchInTurn();
}

/** Fetches one part after another, so that what the person opens meanwhile is not delayed. */
async function fetchInTurn(): Promise<void> {
  const chats = [ChatScreen, Markdown, ThreadActions];
  const money = [WalletScreen, TopUpSheet, CapsSheet, ReceiptSheet, HistoryScreen, KeysScreen];
  const coins = [CoinsScreen, TopUpCoinsScreen, WithdrawScreen];
  for (const part of [...chats, SettingsScreen, PoolScreen, ...money, ...coins, MachinesScreen, JoinPool])
    await part.prefetch();
}
