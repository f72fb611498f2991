/** The field where the person writes. It stays above the phone's keyboard while the window behind it scrolls. */
import { useMutation } from "@tanstack/react-query";
import { TEXT_CHARS_MAX } from "@starai/protocol/text-limits";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import type { KeyboardEvent } from "react";
import { IconButton } from "../../components/Button.tsx";
import { Icon } from "../../components/Icon.tsx";
import { useFailed } from "../../components/use-failed.ts";
import { answer } from "../../lib/api.ts";
import type { ThreadMessage } from "../../lib/api.ts";
import { useApi, useApp, useT } from "../../lib/app-context.ts";
import { useKeyboardInset } from "./use-keyboard-inset.ts";
import "./Composer.css";

interface ComposerProps {
  thread: string;
  /** The run that is in progress and can be stopped. */
  run: string | null;
  /** The message that is being rewritten. */
  edited: ThreadMessage | null;
  /** Returns false when the message could not be stored; its text then stays in the field. */
  onSend: (text: string, edits?: string) => boolean;
  onEditEnd: () => void;
  /** The person pressed Up to edit their last message. */
  onEditLast: () => void;
}

export function Composer({ thread, run, edited, onSend, onEditEnd, onEditLast }: ComposerProps) {
  const t = useT();
  const { telegram } = useApp();
  const { text, setText } = useDraft(thread, edited);
  const box = useRef<HTMLDivElement>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  useKeyboardInset();
  useOwnHeight(box);
  useGrowing(area, text);
  // With a hardware keyboard the field gets the focus at once; a phone's keyboard would cover the messages. The composer is
  // mounted again for an edit and after it, so that the focus returns here when an edit ends.
  useEffect(() => {
    if (edited || hasHardwareKeyboard()) area.current?.focus({ preventScroll: true });
  }, [edited]);
  // The stop button disappears when it is pressed, and the focus with it.
  useEffect(() => {
    if (run === null && document.activeElement === document.body && hasHardwareKeyboard()) area.current?.focus();
  }, [run]);
  const words = text.trim();
  const over = text.length - TEXT_CHARS_MAX;
  const send = () => {
    if (words === "" || over > 0 || !onSend(words, edited?.id)) return;
    telegram.haptic("tap");
    setText("");
    onEditEnd();
    area.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // Key code 229 means that an input method is composing a word, and Enter belongs to it.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && !event.shiftKey && (hasHardwareKeyboard() || event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      send();
    } else if (event.key === "Escape" && edited) onEditEnd();
    else if (event.key === "ArrowUp" && text === "" && !edited) {
      event.preventDefault();
      onEditLast();
    }
  };
  return (
    <div ref={box} className="composer">
      {edited && (
        <div className="composer-edit">
          <Icon name="edit" size={18} />
          <span>{t("app.chat.editing")}</span>
          <IconButton icon="close" label={t("app.cancel")} onClick={onEditEnd} />
        </div>
      )}
      {over > 0 && (
        <p className="composer-over" role="alert">
          {t("app.chat.over", { count: over })}
        </p>
      )}
      <div className="composer-row">
        <textarea
          ref={area}
          className="composer-text"
          dir="auto"
          rows={1}
          aria-label={t("app.chat.message")}
          placeholder={t("app.chat.placeholder")}
          enterKeyHint={hasHardwareKeyboard() ? "send" : "enter"}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
        />
        {run !== null && words === "" ? (
          <StopButton key={run} run={run} />
        ) : (
          <button
            type="button"
            className="composer-send"
            aria-label={t("app.chat.send")}
            disabled={words === "" || over > 0}
            // Keeps the phone's keyboard open.
            onPointerDown={(event) => event.preventDefault()}
            onClick={send}
          >
            <Icon name="send" />
          </button>
        )}
      </div>
    </div>
  );
}

function StopButton({ run }: { run: string }) {
  const t = useT();
  const api = useApi();
  const { telegram } = useApp();
  const stop = useMutation({
    mutationFn: () => answer(() => api.my.runs[":id"].cancel.$post({ param: { id: run } })),
    onError: useFailed(),
  });
  return (
    <button
      type="button"
      className="composer-send composer-stop"
      aria-label={t("button.stop")}
      // After a successful request the run ends by itself; after a refusal the person can try again.
      disabled={stop.isPending || stop.isSuccess}
      onClick={() => {
        telegram.haptic("tap");
        stop.mutate();
      }}
    >
      <Icon name="stop" />
    </button>
  );
}

/** The text of the field. An edit starts with the message's old text and leaves the thread's draft alone. */
function useDraft(thread: string, edited: ThreadMessage | null) {
  const { drafts } = useApp();
  const [text, setText] = useState(() => edited?.text ?? drafts.read(thread));
  return {
    text,
    setText: (next: string) => {
      setText(next);
      if (!edited) drafts.write(thread, next);
    },
  };
}

/** Whether Enter can send: on a touch screen it is the only way to a new line. A fine pointer implies a keyboard. */
function hasHardwareKeyboard(): boolean {
  return matchMedia("(hover: hover) and (pointer: fine)").matches;
}

/** Fits the field's height to its text, within its style's limit, where CSS cannot (Safari before 26). */
function useGrowing(area: { current: HTMLTextAreaElement | null }, text: string): void {
  useLayoutEffect(() => {
    const element = area.current;
    if (!element || CSS.supports("field-sizing", "content")) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight}px`;
  }, [area, text]);
}

/** Sets `--composer` to the composer's height, so that the page stays clear of it. */
function useOwnHeight(box: { current: HTMLElement | null }): void {
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const root = document.documentElement;
    const update = () => root.style.setProperty("--composer", `${element.offsetHeight}px`);
    update();
    const observer = new ResizeObserver(update);
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);
}
