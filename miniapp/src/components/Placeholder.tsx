import type { ReactNode } from "react";
import { Icon } from "./Icon.tsx";
import type { IconName } from "./Icon.tsx";
import "./Placeholder.css";

interface PlaceholderProps {
  icon?: IconName;
  title: string;
  /** What the place is for, or what happened and what it means. */
  text?: ReactNode;
  /** The one action. */
  action?: ReactNode;
}

/** Shown in place of content that does not exist yet or failed to load. */
export function Placeholder({ icon, title, text, action }: PlaceholderProps) {
  return (
    <div className="placeholder">
      {icon && <Icon name={icon} size={44} />}
      <h2>{title}</h2>
      {text !== undefined && <div className="placeholder-text">{text}</div>}
      {action}
    </div>
  );
}
