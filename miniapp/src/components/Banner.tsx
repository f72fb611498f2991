import type { ReactNode } from "react";
import "./Banner.css";

/** A line across the screen about its state: offline, an old version, a temporary fault. */
export function Banner({
  look = "plain",
  children,
  action,
}: {
  look?: "plain" | "bad";
  children: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className={`banner banner-${look}`} role="status">
      <span className="banner-words">{children}</span>
      {action}
    </div>
  );
}
