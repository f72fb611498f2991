/** Shows the sheets about money over any screen; each is loaded when it is first opened. */
import { useCallback, useEffect, useLayoutEffect, useState } from "react";
import type { ReactNode } from "react";
import { useLocation } from "wouter";
import { LateOverlay } from "../components/LateOverlay.tsx";
import { MoneySheetsContext, useMoneySheets } from "../data/money-sheets.ts";
import type { MoneySheet } from "../data/money-sheets.ts";
import { CapsSheet, ReceiptSheet, TopUpSheet } from "./parts.ts";

export function MoneySheets({ children }: { children: ReactNode }) {
  const [sheet, open] = useState<MoneySheet | null>(null);
  const close = useCallback(() => open(null), []);
  const [path] = useLocation();
  // A sheet belongs to the screen it was opened from. A layout effect, so that an address which opens one does so after it.
  useLayoutEffect(close, [close, path]);
  return (
    <MoneySheetsContext value={open}>
      {children}
      {sheet !== null && (
        <LateOverlay onClose={close}>
          <Opened sheet={sheet} onClose={close} />
        </LateOverlay>
      )}
    </MoneySheetsContext>
  );
}

/** A screen whose address opens a sheet over it. */
export function WithSheet({ sheet, id, children }: { sheet: MoneySheet["kind"]; id?: string; children: ReactNode }) {
  const open = useMoneySheets();
  useEffect(() => {
    if (sheet !== "receipt") open({ kind: sheet });
    else if (id !== undefined) open({ kind: sheet, id });
  }, [open, sheet, id]);
  return children;
}

function Opened({ sheet, onClose }: { sheet: MoneySheet; onClose: () => void }) {
  switch (sheet.kind) {
    case "top_up":
      return <TopUpSheet onClose={onClose} />;
    case "caps":
      return <CapsSheet onClose={onClose} />;
    case "receipt":
      return <ReceiptSheet id={sheet.id} onClose={onClose} />;
  }
}
