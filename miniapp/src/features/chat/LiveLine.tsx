import type { RunView } from "@starai/protocol/run-view";
import { MACHINE_WAIT_MINUTES } from "@starai/protocol/runs";
import type { Translate } from "@starai/protocol/texts";
import { useT } from "../../lib/app-context.ts";
import { useAway } from "../../lib/use-online.ts";

/** One line of progress while an answer is written: the current thought, the tool, or the place in the queue. */
export function LiveLine({ view, followed }: { view: RunView | null; followed: boolean }) {
  const t = useT();
  const away = useAway();
  if (away !== null)
    return <p className="live">{t(away === "network" ? "app.chat.reconnecting" : "app.chat.reconnecting_server")}</p>;
  if (!followed) return <p className="live">{t("app.chat.waits_turn")}</p>;
  return (
    <>
      {view?.moved === true && <p className="live-moved">{t("live.moved")}</p>}
      {(view === null || view.answer === "") && (
        <p className="live live-now">{view ? nowIn(view, t) : t("live.reading")}</p>
      )}
    </>
  );
}

function nowIn({ phase, thought }: RunView, t: Translate): string {
  switch (phase.kind) {
    case "no_machine":
      return t("app.chat.no_machine", { model: phase.model, minutes: MACHINE_WAIT_MINUTES });
    case "queued":
      return phase.etaMs === null
        ? t("live.queued", { position: phase.position })
        : t("live.queued_eta", { position: phase.position, seconds: Math.ceil(phase.etaMs / 1_000) });
    case "reading":
      return t("live.reading");
    case "thinking":
      return thought === "" ? t("live.thinking") : lastSentence(thought);
    case "tool":
      return t("live.tool", { tool: phase.tool });
    case "answering":
      return t("live.answering");
  }
}

function lastSentence(thought: string): string {
  return (
    thought
      .trim()
      .split(/(?<=[.!?…])\s+/)
      .at(-1) ?? thought
  );
}
