/** An amount of money: some presets to tap, and a field for any other. What the text means is the caller's. */
import { useId } from "react";
import { Input } from "./Input.tsx";
import "./AmountField.css";

interface AmountFieldProps {
  label: string;
  presets: readonly { text: string; typed: string; chosen: boolean }[];
  /** The name of the field itself. */
  own: string;
  /** As typed. */
  value: string;
  onChange: (value: string) => void;
  /** What is wrong with it. */
  fault: string | undefined;
  foot: string;
}

export function AmountField({ label, presets, own, value, onChange, fault, foot }: AmountFieldProps) {
  const id = useId();
  return (
    <div className="amounts" role="group" aria-labelledby={id}>
      <h3 className="amounts-label" id={id}>
        {label}
      </h3>
      <div className="amounts-presets">
        {presets.map(({ text, typed, chosen }) => (
          <button
            key={text}
            type="button"
            className="amounts-preset figures"
            aria-pressed={chosen}
            onClick={() => onChange(typed)}
          >
            {text}
          </button>
        ))}
      </div>
      <Input
        label={own}
        inputMode="decimal"
        autoComplete="off"
        value={value}
        onChange={(event) => onChange(event.target.value)}
        fault={fault}
        foot={foot}
      />
    </div>
  );
}
