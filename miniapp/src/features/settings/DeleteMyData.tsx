import { ServerRefused } from "@starai/server/client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { Button } from "../../components/Button.tsx";
import { Sheet } from "../../components/Sheet.tsx";
import { useFailed } from "../../components/use-failed.ts";
import { useChain } from "../../data/use-chain.ts";
import { answer } from "../../lib/api.ts";
import { useApi, useApp, useT } from "../../lib/app-context.ts";
import "./settings.css";

/**
 * Says what is deleted and what stays, asks twice, and deletes everything the service stores about the person. Where they
 * still have money or owe some, the server refuses with what that is; then they are asked once more, to give it up, or to
 * note the address of an escrow, which stays theirs.
 */
export function DeleteMyData({ onClose }: { onClose: () => void }) {
  const t = useT();
  const [left, setLeft] = useState<Left | null>(null);
  const remove = useDeleteMyData(setLeft);
  const of = left?.isEscrow === true ? "escrow" : "money";
  return (
    <Sheet title={t(left === null ? "app.settings.delete_title" : TITLES[of])} onClose={onClose}>
      {left === null ? (
        <Question
          key="data"
          check={t("app.settings.delete_check")}
          action={t("app.settings.delete_button")}
          busy={remove.isPending}
          onConfirm={() => remove.mutate({ giveUp: false })}
          onClose={onClose}
        >
          <p>{t("app.settings.delete_gone")}</p>
          <p>{t("app.settings.delete_stays")}</p>
          <p>{t("wallet.give_up.receipts")}</p>
          <p>{t("app.settings.export")}</p>
        </Question>
      ) : (
        <Question
          key="left"
          check={t(of === "escrow" ? "wallet.give_up.escrow_check" : "wallet.give_up.check")}
          action={t(of === "escrow" ? "app.settings.delete_button" : "wallet.give_up.button")}
          busy={remove.isPending}
          onConfirm={() => remove.mutate({ giveUp: true })}
          onClose={onClose}
        >
          <p role="alert" className="settings-left">
            {left.sentence}
          </p>
          {of === "escrow" ? <EscrowFirst /> : <CoinsFirst />}
        </Question>
      )}
    </Sheet>
  );
}

const TITLES = { money: "wallet.give_up.title", escrow: "wallet.give_up.escrow_title" } as const;

function EscrowFirst() {
  const t = useT();
  return (
    <Link href="/wallet/coins/custody" className="button button-accent">
      {t("wallet.give_up.escrow_first")}
    </Link>
  );
}

/** The way to take coins out, or withdrawals back, before everything is deleted; nothing where there are none. */
function CoinsFirst() {
  const t = useT();
  const { data: chain } = useChain();
  const some = chain && (BigInt(chain.balance) > 0n || chain.payouts.some(({ endedAt }) => endedAt === null));
  if (some !== true) return null;
  return (
    <Link href="/wallet/coins" className="button button-accent">
      {t("wallet.give_up.coins_first", { coin: chain.coin })}
    </Link>
  );
}

interface QuestionProps {
  children: ReactNode;
  check: string;
  action: string;
  busy: boolean;
  onConfirm: () => void;
  onClose: () => void;
}

/** What will happen, a box to tick first, and the button. */
function Question({ children, check, action, busy, onConfirm, onClose }: QuestionProps) {
  const t = useT();
  const [understood, setUnderstood] = useState(false);
  return (
    <div className="sheet-pad settings-delete">
      {children}
      <label className="settings-check">
        <input type="checkbox" checked={understood} onChange={(event) => setUnderstood(event.target.checked)} />
        {check}
      </label>
      <div className="button-row">
        <Button onClick={onClose}>{t("app.cancel")}</Button>
        <Button look="danger" disabled={!understood} busy={busy} onClick={onConfirm}>
          {action}
        </Button>
      </div>
    </div>
  );
}

/** What the server says that the person still has. */
interface Left {
  sentence: string;
  /** It is an escrow alone, which stays theirs whatever is deleted here. */
  isEscrow: boolean;
}

function useDeleteMyData(onLeft: (left: Left) => void) {
  const api = useApi();
  const client = useQueryClient();
  const { session, storage } = useApp();
  const failed = useFailed();
  return useMutation({
    mutationFn: ({ giveUp }: { giveUp: boolean }) =>
      answer(() => api.my.data.$delete({ query: giveUp ? { money: "give_up" } : {} })),
    onSuccess: () => {
      // The data on this device is deleted too: cached answers and drafts.
      client.clear();
      storage.clear();
      session.end("data_deleted");
    },
    onError: (error) => {
      if (error instanceof ServerRefused && error.code === "conflict")
        onLeft({ sentence: error.message, isEscrow: error.param === "escrow" });
      else failed(error);
    },
  });
}
