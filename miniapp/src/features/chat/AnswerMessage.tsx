/** One answer: its text, its progress while it is written, its outcome and its steps. */
import type { RunView } from "@starai/protocol/run-view";
import { useEffect, useRef } from "react";
import { AnswerText } from "../../components/markdown/AnswerText.tsx";
import { Menu } from "../../components/Menu.tsx";
import type { MenuItem } from "../../components/Menu.tsx";
import { useToast } from "../../components/Toast.tsx";
import { useCopy } from "../../components/use-copy.ts";
import type { RunSummary, ThreadMessage } from "../../lib/api.ts";
import { useApp, useT } from "../../lib/app-context.ts";
import { AnswerFoot } from "./AnswerFoot.tsx";
import { firstWords } from "./first-words.ts";
import { isLastFree } from "./is-last-free.ts";
import { LastFree } from "./LastFree.tsx";
import { LiveLine } from "./LiveLine.tsx";
import { OutcomeLine } from "./OutcomeLine.tsx";
import { useMessageMenu } from "./use-message-menu.ts";
import { useRun } from "./use-run.ts";

interface AnswerMessageProps {
  message: ThreadMessage;
  thread: string;
  /** Whether its run is the one followed live. */
  followed: boolean;
  /** Whether it is the first answer of the chat. */
  first: boolean;
  /** Whether nothing follows it, not even a question that waits to be sent. */
  last: boolean;
  onAgain: (message: string) => void;
  onFinished: (answer: string) => void;
}

export function AnswerMessage({ message, thread, followed, first, last, onAgain, onFinished }: AnswerMessageProps) {
  const t = useT();
  const menu = useMessageMenu();
  const view = useRun(followed ? (message.run?.id ?? null) : null, thread);
  useFinished(view, onFinished);
  const text = view?.answer ?? message.text;
  const running = message.run?.status === "running" && view?.outcome == null;
  const outcome = view?.outcome ?? message.run?.outcome ?? null;
  const summary: RunSummary | null = message.run;
  const bill = (view?.outcome == null ? null : view.bill) ?? summary?.bill ?? null;
  const menuLabel = t("app.chat.message_menu", { words: text === "" ? t("app.chat.answer") : firstWords(text) });
  const items = useItems({ message, text, running, onAgain });
  return (
    <li className="answer" data-message={message.id} tabIndex={-1} aria-label={t("app.chat.answer")} {...menu.handlers}>
      {text !== "" && <AnswerText text={text} writing={running && followed} />}
      {running && <LiveLine view={view} followed={followed} />}
      {!running && message.run && (
        <OutcomeLine outcome={outcome} run={message.run} empty={text === ""} onAgain={() => onAgain(message.id)} />
      )}
      {first && !running && outcome?.kind === "answered" && <p className="answer-note">{t("chat.may_be_wrong")}</p>}
      {message.run && (
        <AnswerFoot
          message={message}
          thread={thread}
          running={running}
          stopped={outcome?.kind === "stopped"}
          steps={view?.steps ?? null}
          bill={running ? null : bill}
          menuLabel={menuLabel}
          onMenu={items.length > 0 && !running ? menu.open : null}
        />
      )}
      {last && !running && isLastFree(bill, message.createdAt, new Date()) && <LastFree />}
      {menu.at && items.length > 0 && <Menu label={menuLabel} at={menu.at} onClose={menu.close} items={items} />}
    </li>
  );
}

interface ItemsInput {
  message: ThreadMessage;
  text: string;
  running: boolean;
  onAgain: (message: string) => void;
}

function useItems({ message, text, running, onAgain }: ItemsInput): MenuItem[] {
  const t = useT();
  const copy = useCopy();
  const { telegram } = useApp();
  const toast = useToast();
  const share = () => {
    if (telegram.share(text)) return;
    if (!("share" in navigator)) return toast({ text: t("app.chat.cannot_share") });
    // Dismissing the browser's share sheet is not an error.
    void navigator.share({ text }).catch(() => undefined);
  };
  const items: MenuItem[] = [];
  if (text !== "") items.push({ icon: "copy", label: t("app.chat.copy"), onChoose: () => void copy(text) });
  if (text !== "" && !running) items.push({ icon: "share", label: t("app.chat.share"), onChoose: share });
  if (!running) items.push({ icon: "again", label: t("app.chat.again"), onChoose: () => onAgain(message.id) });
  return items;
}

/** Calls `onFinished` once the answer is complete, to announce it to screen readers. */
function useFinished(view: RunView | null, onFinished: (answer: string) => void): void {
  const announced = useRef<RunView["outcome"]>(null);
  useEffect(() => {
    if (view?.outcome == null || announced.current === view.outcome) return;
    announced.current = view.outcome;
    onFinished(view.answer);
  }, [view, onFinished]);
}
