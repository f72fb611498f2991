import { useId } from "react";
import type { ReactNode } from "react";
import "./Section.css";

/** An inset group of rows, as in Telegram's settings. Children that are rows get hairlines between them. */
export function Section({ title, foot, children }: { title?: ReactNode; foot?: ReactNode; children: ReactNode }) {
  const id = useId();
  return (
    <section className="section" aria-labelledby={title === undefined ? undefined : id}>
      {title !== undefined && (
        <h2 className="section-title" id={id}>
          {title}
        </h2>
      )}
      <div className="section-card">{children}</div>
      {foot !== undefined && <p className="section-foot">{foot}</p>}
    </section>
  );
}
