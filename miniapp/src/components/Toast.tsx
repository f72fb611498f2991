import { createContext, use, useCallback, useEffect, useMemo, useState } from "react";
import type { ReactNode } from "react";
import "./Toast.css";

export interface ToastContent {
  text: string;
  /** One thing the person may do about it, e.g. undo. */
  action?: { label: string; onClick: () => void };
}

const SHOWN_MS = 5_000;

const ToastContext = createContext<(content: ToastContent) => void>(() => undefined);

/** Shows a short notice: `toast({ text })`. A new one replaces the one before. */
export function useToast(): (content: ToastContent) => void {
  return use(ToastContext);
}

export function ToastProvider({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<ToastContent | null>(null);
  const show = useCallback((content: ToastContent) => setShown(content), []);
  useEffect(() => {
    if (!shown) return undefined;
    const timer = setTimeout(() => setShown(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [shown]);
  const action = useMemo(() => shown?.action, [shown]);
  return (
    <ToastContext value={show}>
      {children}
      <div className="toast-place" role="status">
        {shown && (
          <div className="toast">
            <span>{shown.text}</span>
            {action && (
              <button
                type="button"
                onClick={() => {
                  setShown(null);
                  action.onClick();
                }}
              >
                {action.label}
              </button>
            )}
          </div>
        )}
      </div>
    </ToastContext>
  );
}
