import "./Switch.css";

/** On or off, at once. Stands at the end of a row; the row's words are its `label`. */
export function Switch(props: { label: string; on: boolean; onChange: (on: boolean) => void; disabled?: boolean }) {
  const { label, on, onChange, disabled = false } = props;
  return (
    <button
      type="button"
      role="switch"
      className="switch"
      aria-checked={on}
      aria-label={label}
      disabled={disabled}
      onClick={() => onChange(!on)}
    />
  );
}
