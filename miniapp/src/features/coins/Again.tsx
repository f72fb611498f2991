import { useState } from "react";
import { Button } from "../../components/Button.tsx";
import { Confirm } from "../../components/Confirm.tsx";

interface AgainProps {
  title: string;
  /** What happens if the earlier one was sent after all. */
  text: string;
  action: string;
  onAgain: () => void;
}

/** Lets the person ask a wallet again although the earlier request may have been sent, once they know what that means. */
export function Again({ title, text, action, onAgain }: AgainProps) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button onClick={() => setAsking(true)}>{title}</Button>
      {asking && (
        <Confirm title={title} text={text} action={action} onConfirm={onAgain} onClose={() => setAsking(false)} />
      )}
    </>
  );
}
