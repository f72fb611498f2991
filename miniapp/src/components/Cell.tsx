import type { ReactNode } from "react";
import { Link } from "wouter";
import { Icon } from "./Icon.tsx";
import "./Cell.css";

interface CellProps {
  title: ReactNode;
  /** A second, quieter line. */
  detail?: ReactNode;
  /** Content at the end of the row: a value, a badge, a switch. */
  after?: ReactNode;
  before?: ReactNode;
  /** Where the row leads, inside the app. */
  href?: string;
  onClick?: () => void;
  danger?: boolean;
  disabled?: boolean;
  /** A long second line uses the whole width, with the value beside the title above it. */
  wide?: boolean;
  /** Whether the row is the chosen one of several: shows a tick at the end. */
  chosen?: boolean;
}

/** One row of a section. A link when it leads somewhere, a button when it does something, plain otherwise. */
export function Cell({ title, detail, after, before, href, onClick, danger, disabled, wide, chosen }: CellProps) {
  const inside = (
    <>
      {before !== undefined && <span className="cell-before">{before}</span>}
      <span className="cell-words">
        <span className="cell-title" dir="auto">
          {title}
        </span>
        {detail !== undefined && (
          <span className="cell-detail" dir="auto">
            {detail}
          </span>
        )}
      </span>
      {after !== undefined && <span className="cell-after figures">{after}</span>}
      {chosen === true && (
        <span className="cell-chosen">
          <Icon name="check" size={20} />
        </span>
      )}
      {href !== undefined && (
        <span className="cell-chevron">
          <Icon name="forward" size={18} />
        </span>
      )}
    </>
  );
  const className = `cell ${danger === true ? "cell-danger" : ""} ${wide === true ? "cell-wide" : ""}`;
  if (href !== undefined)
    return (
      <Link href={href} className={className}>
        {inside}
      </Link>
    );
  if (onClick)
    return (
      <button type="button" className={className} onClick={onClick} disabled={disabled} aria-pressed={chosen}>
        {inside}
      </button>
    );
  return <div className={className}>{inside}</div>;
}
