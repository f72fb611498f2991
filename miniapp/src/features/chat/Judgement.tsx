import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Feedback } from "@starai/protocol/runs";
import { IconButton } from "../../components/Button.tsx";
import { useFailed } from "../../components/use-failed.ts";
import { answer } from "../../lib/api.ts";
import type { RunSummary, ThreadView } from "../../lib/api.ts";
import { useApi, useApp, useT } from "../../lib/app-context.ts";
import { keys } from "../../lib/query-client.ts";

/** Buttons to rate an answer; the rating is stored with its run, and a second tap removes it. */
export function Judgement({ run, thread }: { run: RunSummary; thread: string }) {
  const t = useT();
  const judge = useJudge(run.id, thread);
  const button = (feedback: Feedback, label: string) => (
    <IconButton
      icon={feedback === "up" ? "thumbUp" : "thumbDown"}
      className="message-more judgement"
      label={label}
      aria-pressed={run.feedback === feedback}
      disabled={judge.isPending}
      onClick={() => judge.mutate(run.feedback === feedback ? null : feedback)}
    />
  );
  return (
    <>
      {button("up", t("app.chat.good"))}
      {button("down", t("app.chat.bad"))}
    </>
  );
}

function useJudge(id: string, thread: string) {
  const api = useApi();
  const client = useQueryClient();
  const { telegram } = useApp();
  return useMutation({
    mutationFn: (feedback: Feedback | null) =>
      answer(() => api.my.runs[":id"].feedback.$put({ param: { id }, json: { feedback } })),
    onSuccess: ({ feedback }) => {
      telegram.haptic("tap");
      client.setQueryData<ThreadView>(keys.thread(thread), (view) => view && judged(view, id, feedback));
    },
    onError: useFailed(),
  });
}

/** The thread with the new rating, shown at once without fetching the thread again. */
function judged(view: ThreadView, run: string, feedback: Feedback | null): ThreadView {
  const messages = view.messages.map((message) =>
    message.run?.id === run ? { ...message, run: { ...message.run, feedback } } : message,
  );
  return { ...view, messages };
}
