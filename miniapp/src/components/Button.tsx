import type { ComponentProps, ReactNode } from "react";
import { Icon } from "./Icon.tsx";
import type { IconName } from "./Icon.tsx";
import "./Button.css";

type ButtonProps = ComponentProps<"button"> & {
  /** `accent` is the one main action of a screen. */
  look?: "accent" | "quiet" | "danger";
  /** The action is in progress: the button keeps its place and ignores taps. */
  busy?: boolean;
  wide?: boolean;
  children: ReactNode;
};

export function Button({ look = "quiet", busy = false, wide = false, className = "", disabled, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      className={`button button-${look} ${wide ? "button-wide" : ""} ${className}`}
      aria-busy={busy || undefined}
      disabled={(disabled ?? false) || busy}
      {...rest}
    />
  );
}

type IconButtonProps = Omit<ComponentProps<"button">, "children"> & { icon: IconName; label: string };

/** A round target with a picture; `label` is what a screen reader says. */
export function IconButton({ icon, label, className = "", ...rest }: IconButtonProps) {
  return (
    <button type="button" className={`icon-button ${className}`} aria-label={label} title={label} {...rest}>
      <Icon name={icon} />
    </button>
  );
}
