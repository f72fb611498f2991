/** The messages, oldest first, then the unsent ones; the arrow keys move between them. */
import { memo, useCallback, useEffect, useRef } from "react";
import type { KeyboardEvent } from "react";
import { Button } from "../../components/Button.tsx";
import { Loading, Skeleton } from "../../components/Skeleton.tsx";
import type { ThreadMessage } from "../../lib/api.ts";
import { useT } from "../../lib/app-context.ts";
import type { Entry } from "../../lib/outbox.ts";
import { AnswerMessage } from "./AnswerMessage.tsx";
import { UserMessage } from "./UserMessage.tsx";
import { WaitingMessage } from "./WaitingMessage.tsx";

interface MessageListProps {
  thread: string;
  messages: readonly ThreadMessage[];
  waiting: readonly Entry[];
  /** Id of the run that is followed live. */
  following: string | null;
  onEdit: (message: ThreadMessage) => void;
  onAgain: (message: string) => void;
  /** Called with the text of an answer that was completed while it was followed. */
  onFinished: (answer: string) => void;
  older: Older;
}

interface Older {
  more: boolean;
  loading: boolean;
  failed: boolean;
  load: () => void;
}

export function MessageList(props: MessageListProps) {
  const { thread, messages, waiting, following, onFinished, older } = props;
  const t = useT();
  const onEdit = useLatest(props.onEdit);
  const onAgain = useLatest(props.onAgain);
  const last = waiting.length === 0 ? messages.at(-1) : undefined;
  const first = older.more ? undefined : messages.find(({ role }) => role === "assistant");
  return (
    <>
      <OlderMessages {...older} />
      <ol className="messages" aria-label={t("app.chat.messages")} onKeyDown={moveFocus}>
        {messages.map((message) => (
          <Message
            key={message.id}
            {...{ message, thread, onEdit, onAgain, onFinished }}
            first={message === first}
            last={message === last}
            followed={message.run !== null && message.run.id === following}
          />
        ))}
        {waiting.map((entry) => (
          <WaitingMessage key={entry.externalId} entry={entry} />
        ))}
      </ol>
    </>
  );
}

interface MessageProps {
  message: ThreadMessage;
  thread: string;
  followed: boolean;
  first: boolean;
  last: boolean;
  onEdit: (message: ThreadMessage) => void;
  onAgain: (message: string) => void;
  onFinished: (answer: string) => void;
}

/** The query cache keeps the identity of unchanged messages, so only changed ones are rendered again. */
const Message = memo(function Message(props: MessageProps) {
  const { message, thread, followed, first, last, onEdit, onAgain, onFinished } = props;
  return message.role === "user" ? (
    <UserMessage {...{ message, thread, onEdit, onAgain }} />
  ) : (
    <AnswerMessage {...{ message, thread, followed, first, last, onAgain, onFinished }} />
  );
});

/** Up and Down move the focus from message to message. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
  const { target, currentTarget } = event;
  if (!(target instanceof HTMLElement) || target.dataset.message === undefined) return;
  const rows = [...currentTarget.querySelectorAll<HTMLElement>("[data-message]")];
  const next = rows[rows.indexOf(target) + (event.key === "ArrowUp" ? -1 : 1)];
  if (!next) return;
  event.preventDefault();
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

/** Loads older messages as the top comes into view. */
function OlderMessages({ more, loading, failed, load }: Older) {
  const t = useT();
  const mark = useRef<HTMLDivElement>(null);
  const latest = useLatest(load);
  useEffect(() => {
    const element = mark.current;
    if (!element || !more || loading || failed) return undefined;
    const observer = new IntersectionObserver((seen) => seen.some((entry) => entry.isIntersecting) && latest(), {
      // A screen ahead, so that scrolling up at reading speed does not reach the end.
      rootMargin: "600px 0px 0px",
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [more, loading, failed, latest]);
  if (!more) return null;
  return (
    <div ref={mark} className="older">
      {failed ? (
        <Button onClick={load}>{t("app.chat.older_failed")}</Button>
      ) : (
        <Loading label={t("app.chat.older_loading")}>
          <Skeleton width="70%" />
          <Skeleton width="50%" />
        </Loading>
      )}
    </div>
  );
}

/** A stable function that calls the latest `call`, so that memoised messages are not rendered again for it. */
function useLatest<Args extends unknown[]>(call: (...args: Args) => void): (...args: Args) => void {
  const latest = useRef(call);
  useEffect(() => {
    latest.current = call;
  });
  return useCallback((...args: Args) => latest.current(...args), []);
}
