import { useEffect } from "react";
import type { ReactNode } from "react";
import { useLocation } from "wouter";
import { useApp, useT } from "../app/app-context.ts";
import { IconButton } from "./Button.tsx";
import "./Screen.css";

interface ScreenProps {
  title: ReactNode;
  /** A quieter line under the title. */
  detail?: ReactNode;
  /** Where "back" leads, for screens that are not a tab. Telegram's own button where there is one, ours elsewhere. */
  back?: string;
  /** Buttons at the end of the header. */
  actions?: ReactNode;
  /** For a screen whose content brings its own frame: no space for the tabs below. */
  bare?: boolean;
  children: ReactNode;
}

/** The frame of every screen: its header, its heading for screen readers, its way back. The window scrolls. */
export function Screen({ title, detail, back, actions, bare = false, children }: ScreenProps) {
  const t = useT();
  const { telegram } = useApp();
  const [, go] = useLocation();
  useEffect(() => (back === undefined ? undefined : telegram.onBack(() => go(back))), [telegram, go, back]);
  return (
    <div className={`screen ${bare ? "screen-bare" : ""}`}>
      <header className="screen-header">
        {back !== undefined && !telegram.hasBackButton && (
          <IconButton icon="back" label={t("app.back")} onClick={() => go(back)} />
        )}
        <div className="screen-names">
          <h1 className="screen-title" dir="auto">
            {title}
          </h1>
          {detail !== undefined && <p className="screen-detail">{detail}</p>}
        </div>
        {actions !== undefined && <div className="screen-actions">{actions}</div>}
      </header>
      <main className="screen-main">{children}</main>
    </div>
  );
}
