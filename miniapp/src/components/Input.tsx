import { useId } from "react";
import type { ComponentProps, ReactNode } from "react";
import "./Input.css";

interface FieldProps {
  label: string;
  /** Shown to screen readers only. */
  labelHidden?: boolean;
  /** What is wrong with the typed text. */
  fault?: string | undefined;
  foot?: ReactNode;
}

export function Input({ label, labelHidden = false, fault, foot, ...rest }: FieldProps & ComponentProps<"input">) {
  const id = useId();
  return (
    <Field {...{ label, labelHidden, fault, foot, id }}>
      <input
        id={id}
        className="input"
        dir="auto"
        aria-invalid={fault !== undefined || undefined}
        aria-describedby={`${id}-foot`}
        {...rest}
      />
    </Field>
  );
}

export function TextArea({
  label,
  labelHidden = false,
  fault,
  foot,
  ...rest
}: FieldProps & ComponentProps<"textarea">) {
  const id = useId();
  return (
    <Field {...{ label, labelHidden, fault, foot, id }}>
      <textarea
        id={id}
        className="input input-area"
        dir="auto"
        aria-invalid={fault !== undefined || undefined}
        aria-describedby={`${id}-foot`}
        {...rest}
      />
    </Field>
  );
}

function Field({ label, labelHidden, fault, foot, id, children }: FieldProps & { id: string; children: ReactNode }) {
  return (
    <div className="field">
      <label htmlFor={id} className={labelHidden === true ? "visually-hidden" : "field-label"}>
        {label}
      </label>
      {children}
      <div id={`${id}-foot`} className={`field-foot ${fault === undefined ? "" : "field-fault"}`} aria-live="polite">
        {fault ?? foot}
      </div>
    </div>
  );
}
