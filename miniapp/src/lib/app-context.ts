/** What every screen can use: Telegram, the session, the server, the texts. Created once in main, provided by React. */
import type { Language, Translate } from "@starai/protocol/texts";
import { createContext, use, useSyncExternalStore } from "react";
import type { Api } from "./api.ts";
import type { Drafts } from "./drafts.ts";
import type { Outbox } from "./outbox.ts";
import type { Reach } from "./reach.ts";
import type { Session, SessionState } from "./session.ts";
import type { OwnStorage } from "./storage.ts";
import type { Telegram } from "./telegram.ts";
import type { Texts } from "./texts.ts";

export interface AppContextValue {
  telegram: Telegram;
  session: Session;
  reach: Reach;
  /** The storage of this device. */
  storage: OwnStorage;
  api: Api;
  texts: Texts;
  outbox: Outbox;
  drafts: Drafts;
}

export const AppContext = createContext<AppContextValue | null>(null);

export function useApp(): AppContextValue {
  const app = use(AppContext);
  if (!app) throw new Error("useApp must be called inside the app's context");
  return app;
}

export function useApi(): Api {
  return useApp().api;
}

/** The translator of the current language. */
export function useT(): Translate {
  const { texts } = useApp();
  return useSyncExternalStore(texts.subscribe, texts.current).t;
}

export function useLanguage(): Language {
  const { texts } = useApp();
  return useSyncExternalStore(texts.subscribe, texts.current).language;
}

export function useSessionState(): SessionState {
  const { session } = useApp();
  return useSyncExternalStore(session.subscribe, session.state);
}
