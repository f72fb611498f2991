/** Renders a growing answer: the thinking line while there is no answer, then the answer so far. */
import type { RunView } from "@starai/protocol/run-view";
import { MACHINE_WAIT_MINUTES } from "@starai/protocol/runs";
import type { Translate } from "@starai/protocol/texts";
import { readableFormulas } from "./formulas.ts";
import { richParts } from "./safe-markdown.ts";
import { shorten } from "./shorten.ts";
import { splitMarkdown } from "./split-markdown.ts";
import { escapeHtml } from "./telegram-html.ts";

/** Length of the thinking line, which shows the newest part of the thought: its end. */
const THOUGHT_CHARS_MAX = 160;

/** Rich Markdown for a draft of a private chat. */
export function draftMarkdown(view: RunView, t: Translate): string {
  if (view.answer.trim() === "") return `<tg-thinking>${escapeHtml(statusLine(view, t))}</tg-thinking>`;
  const tail = richParts(view.answer).at(-1)?.safe ?? "";
  return view.moved ? `${tail}\n\n<tg-thinking>${escapeHtml(t("live.moved"))}</tg-thinking>` : tail;
}

/** Plain text, for groups and for clients that refuse the rich draft; `charsMax` counts UTF-16 units. */
export function previewText(view: RunView, t: Translate, charsMax: number): string {
  const text = view.answer.trim();
  if (text === "") return statusLine(view, t);
  return splitMarkdown(readableFormulas(text), charsMax).at(-1) ?? statusLine(view, t);
}

function statusLine(view: RunView, t: Translate): string {
  if (view.moved) return t("live.moved");
  const { phase } = view;
  if (phase.kind === "queued") {
    const position = phase.position;
    if (phase.etaMs === null) return t("live.queued", { position });
    return t("live.queued_eta", { position, seconds: Math.ceil(phase.etaMs / 1_000) });
  }
  if (phase.kind === "no_machine") return t("live.no_machine", { model: phase.model, minutes: MACHINE_WAIT_MINUTES });
  if (phase.kind === "tool") return t("live.tool", { tool: phase.tool });
  const thought = shorten(view.thought, THOUGHT_CHARS_MAX, "end");
  if (thought !== "") return thought;
  return t(`live.${phase.kind}`);
}
