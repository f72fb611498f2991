import { use, useEffect, useRef } from "react";
import type { ReactNode } from "react";
import { useLocation } from "wouter";
import { useApp, useT } from "../lib/app-context.ts";
import { IconButton } from "./Button.tsx";
import { PaneContext } from "./pane-context.ts";
import { useArrival } from "./use-arrival.ts";
import "./Screen.css";

interface ScreenProps {
  title: string;
  /** The title is for screen readers and the window's title only. */
  titleHidden?: boolean;
  /** A quieter line under the title. */
  detail?: ReactNode;
  /** Where "back" leads, for screens that are not a tab. Telegram's own button where there is one, ours elsewhere. */
  back?: string;
  /** Buttons at the end of the header. */
  actions?: ReactNode;
  /** No space is kept for the tabs below, because the content has its own frame. */
  bare?: boolean;
  children: ReactNode;
}

/** The frame of every screen: its header, its heading for screen readers, its way back. The window scrolls. */
export function Screen(props: ScreenProps) {
  return use(PaneContext) ? <PaneFrame {...props} /> : <WindowFrame {...props} />;
}

function WindowFrame({ title, titleHidden = false, detail, back, actions, bare = false, children }: ScreenProps) {
  const t = useT();
  const { telegram } = useApp();
  const [, go] = useLocation();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => (back === undefined ? undefined : telegram.onBack(() => go(back))), [telegram, go, back]);
  useEffect(() => {
    document.title = `${title} — StarAI`;
  }, [title]);
  useArrival(heading);
  return (
    <div className={`screen ${bare ? "screen-bare" : ""}`}>
      <header className={titleHidden ? "visually-hidden" : "screen-header"}>
        {back !== undefined && !telegram.hasBackButton && (
          <IconButton icon="back" label={t("app.back")} onClick={() => go(back)} />
        )}
        <div className="screen-names">
          <h1 ref={heading} className="screen-title" dir="auto" tabIndex={-1}>
            {title}
          </h1>
          {detail !== undefined && <p className="screen-detail">{detail}</p>}
        </div>
        {actions !== undefined && <div className="screen-actions">{actions}</div>}
      </header>
      <main className="screen-main" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

/** The frame of a pane beside the screen: the same look, with its own heading. */
function PaneFrame({ title, actions, children }: ScreenProps) {
  return (
    <section className="pane" aria-label={title}>
      <header className="screen-header">
        <div className="screen-names">
          <h2 className="screen-title" dir="auto">
            {title}
          </h2>
        </div>
        {actions !== undefined && <div className="screen-actions">{actions}</div>}
      </header>
      <div className="screen-main">{children}</div>
    </section>
  );
}
