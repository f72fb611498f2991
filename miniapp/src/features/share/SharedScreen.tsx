/** A shared conversation, to read and to copy from. */
import { useQuery } from "@tanstack/react-query";
import { ServerRefused } from "@starai/server/client";
import { useEffect } from "react";
import { Failed } from "../../components/Failed.tsx";
import { AnswerText } from "../../components/markdown/AnswerText.tsx";
import { Placeholder } from "../../components/Placeholder.tsx";
import { Loading, Skeleton } from "../../components/Skeleton.tsx";
import { useBotLink } from "../../data/bot-link.ts";
import { answer, publicApi } from "../../lib/api.ts";
import { useLanguage, useT } from "../../lib/app-context.ts";
import "../../components/messages.css";
import "./shared.css";

type Shared = Awaited<ReturnType<typeof readShared>>;

export function SharedScreen({ id }: { id: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: ["shared", id],
    queryFn: ({ signal }) => readShared(id, signal),
    // The page is never refreshed while it is read.
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (data !== undefined) return <Conversation shared={data} />;
  if (error === null) return <Waiting />;
  const gone = error instanceof ServerRefused && !error.mayPass;
  return <main className="shared">{gone ? <Gone /> : <Failed error={error} onRetry={() => void refetch()} />}</main>;
}

function Conversation({ shared: { title, sharedAt, messages, cut } }: { shared: Shared }) {
  const t = useT();
  const language = useLanguage();
  const name = title === "" ? t("app.shared.untitled") : title;
  useEffect(() => {
    document.title = `${name} — StarAI`;
  }, [name]);
  const date = new Intl.DateTimeFormat(language, { dateStyle: "long" }).format(new Date(sharedAt));
  return (
    <main className="shared">
      <h1 dir="auto">{name}</h1>
      <p className="shared-note">{t("app.shared.about", { date })}</p>
      {cut && <p className="shared-note">{t("app.shared.cut")}</p>}
      <ol className="messages" aria-label={t("app.chat.messages")}>
        {messages.map(({ role, text }, at) =>
          role === "user" ? (
            // Messages on this page do not move, so the index identifies them.
            // oxlint-disable-next-line react/no-array-index-key
            <li key={at} className="mine" aria-label={t("app.shared.question")}>
              <div className="bubble" dir="auto">
                {text}
              </div>
            </li>
          ) : (
            // oxlint-disable-next-line react/no-array-index-key
            <li key={at} className="answer" aria-label={t("app.chat.answer")}>
              <AnswerText text={text} />
            </li>
          ),
        )}
      </ol>
      <TryYourself />
    </main>
  );
}

function TryYourself() {
  const t = useT();
  const bot = useBotLink();
  if (bot === null) return null;
  return (
    <p className="shared-try">
      <a className="button button-accent" href={bot}>
        {t("app.shared.try")}
      </a>
    </p>
  );
}

function Gone() {
  const t = useT();
  return <Placeholder icon="link" title={t("app.shared.gone")} text={t("app.shared.gone_text")} />;
}

function Waiting() {
  const t = useT();
  return (
    <main className="shared">
      <Loading label={t("app.loading")}>
        <Skeleton width="60%" height="1.5em" />
        <Skeleton width="90%" />
        <Skeleton width="80%" />
      </Loading>
    </main>
  );
}

function readShared(id: string, signal: AbortSignal) {
  return answer(() => publicApi.shared[":id"].$get({ param: { id } }, { init: { signal } }));
}
