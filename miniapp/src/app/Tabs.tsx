import { Link, useLocation } from "wouter";
import { Icon } from "../components/Icon.tsx";
import { useSessionState, useT } from "../lib/app-context.ts";
import "./Tabs.css";

const TABS = [
  { path: "/", icon: "chats", key: "app.tab.chats" },
  { path: "/wallet", icon: "wallet", key: "wallet.title" },
  { path: "/machines", icon: "chip", key: "machines.title" },
  { path: "/pool", icon: "pool", key: "app.tab.pool" },
  { path: "/settings", icon: "settings", key: "app.tab.settings" },
] as const;

/** The app's places, at the bottom of the window; not in a chat, where the composer is. */
export function Tabs() {
  const t = useT();
  const session = useSessionState();
  const [path] = useLocation();
  if (session.kind !== "inside") return null;
  return (
    <nav className="tabs" aria-label={t("app.tabs")}>
      {TABS.map((tab) => (
        <Link key={tab.path} href={tab.path} className="tab" aria-current={isAt(path, tab.path) ? "page" : undefined}>
          <Icon name={tab.icon} />
          <span>{t(tab.key)}</span>
        </Link>
      ))}
    </nav>
  );
}

/** A chat belongs to the chats: on a wide window the tabs stay beside it. The history and the keys belong to the wallet. */
function isAt(path: string, place: string): boolean {
  return path === place || path.startsWith(place === "/" ? "/chats/" : `${place}/`);
}
