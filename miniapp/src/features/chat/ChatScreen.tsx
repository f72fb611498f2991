/** One conversation: its messages, unsent ones included, and the composer. */
import { PERSONAS } from "@starai/protocol/personas";
import { ServerRefused } from "@starai/server/client";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useState } from "react";
import { useLocation } from "wouter";
import { Failed } from "../../components/Failed.tsx";
import { Markdown } from "../../components/markdown/late-markdown.ts";
import { Screen } from "../../components/Screen.tsx";
import type { ThreadActionsView } from "../../data/menu-thread.ts";
import type { ThreadPage } from "../../data/merge-newest.ts";
import type { ThreadMessage, ThreadView } from "../../lib/api.ts";
import { useApp, useT } from "../../lib/app-context.ts";
import { keys } from "../../lib/query-client.ts";
import { ChatSkeleton } from "./ChatSkeleton.tsx";
import { Composer } from "./Composer.tsx";
import { DeletedThread } from "./DeletedThread.tsx";
import { EmptyThread } from "./EmptyThread.tsx";
import { MessageList } from "./MessageList.tsx";
import { ScrollToEnd } from "./ScrollToEnd.tsx";
import { runToFollow, shownMessages } from "./shown-messages.ts";
import { ThreadMenu } from "./ThreadMenu.tsx";
import { useOutbox } from "./use-outbox.ts";
import { useScroll } from "./use-scroll.ts";
import { useThread } from "./use-thread.ts";
import "../../lib/late-texts.ts";
import "../../components/messages.css";
import "./chat.css";

export default function ChatScreen({ id, actions }: { id: string; actions: ThreadActionsView }) {
  const t = useT();
  const { telegram } = useApp();
  const [, go] = useLocation();
  const thread = useThread(id);
  useEffect(() => telegram.holdVerticalSwipes(), [telegram]);
  useEffect(() => void Markdown.prefetch(), []);
  const deleted = thread.error instanceof ServerRefused && thread.error.code === "not_found";
  const listed = useListedTitle(id);
  const title = thread.data?.title ?? listed;
  return (
    <Screen
      title={title === "" ? t("app.chat.new") : (title ?? t("app.chat.title"))}
      detail={thread.data && !deleted ? <AnsweredBy thread={thread.data} /> : undefined}
      back="/"
      actions={
        thread.data &&
        !deleted && <ThreadMenu thread={thread.data} actions={actions} onDeleted={() => go("/", { replace: true })} />
      }
      bare
    >
      {deleted ? (
        <DeletedThread id={id} />
      ) : thread.data ? (
        <Conversation thread={thread.data} older={thread.older} />
      ) : thread.error ? (
        <Failed error={thread.error} onRetry={() => void thread.refetch()} />
      ) : (
        <ChatSkeleton />
      )}
    </Screen>
  );
}

/** The model and the persona that answer the next question. */
function AnsweredBy({ thread: { modelName, persona, instructions } }: { thread: ThreadView }) {
  const t = useT();
  const preset = PERSONAS.find((known) => known === persona);
  const parts = [modelName];
  if (preset !== undefined) parts.push(t(`persona.${preset}.name`));
  else if (instructions !== "") parts.push(t("persona.own"));
  return parts.join(" · ");
}

/** The title in the list of a chat whose messages are still loading. */
function useListedTitle(id: string): string | undefined {
  const lists = useQueryClient().getQueriesData<ThreadPage<{ id: string; title: string }>>({ queryKey: keys.threads });
  return lists.flatMap(([, list]) => list?.threads ?? []).find((thread) => thread.id === id)?.title;
}

interface ConversationProps {
  thread: ThreadView;
  older: ReturnType<typeof useThread>["older"];
}

function Conversation({ thread, older }: ConversationProps) {
  const { entries, add } = useOutbox(thread.id);
  const [edited, setEdited] = useState<ThreadMessage | null>(null);
  const [spoken, setSpoken] = useState("");
  const { messages, waiting } = shownMessages(thread.messages, entries);
  const run = runToFollow(messages);
  const { atEnd, toEnd } = useScroll(messages[0]?.id);
  const send = useCallback(
    (text: string, edits?: string) => {
      const added = add({ kind: "message", text, ...(edits === undefined ? {} : { edits }) });
      if (added) toEnd();
      return added;
    },
    [add, toEnd],
  );
  const empty = messages.length === 0 && waiting.length === 0;
  const { before } = thread;
  return (
    <>
      {empty ? (
        <EmptyThread onChoose={send} />
      ) : (
        <MessageList
          thread={thread.id}
          messages={messages}
          waiting={waiting}
          following={run}
          onEdit={setEdited}
          onAgain={(message) => add({ kind: "again", message }) && toEnd()}
          onFinished={setSpoken}
          older={{
            more: before !== null,
            loading: older.isPending,
            failed: older.isError,
            load: () => before !== null && older.mutate(before),
          }}
        />
      )}
      <div className="visually-hidden" role="status">
        {spoken}
      </div>
      {!atEnd && !empty && <ScrollToEnd onClick={toEnd} />}
      <Composer
        key={edited?.id ?? ""}
        thread={thread.id}
        run={run}
        edited={edited}
        onSend={send}
        onEditEnd={() => setEdited(null)}
        onEditLast={() => setEdited(messages.findLast(({ role }) => role === "user") ?? null)}
      />
    </>
  );
}
