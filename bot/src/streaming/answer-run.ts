/** Follows one run: shows a preview while the answer grows, then sends the whole answer with its buttons. */
import { InlineKeyboard } from "grammy";
import type { RunBill } from "@starai/protocol/receipts";
import { EMPTY_VIEW, applyEvent } from "@starai/protocol/run-view";
import { tellsHow } from "@starai/protocol/runs";
import type { Outcome } from "@starai/protocol/runs";
import { isTextKey } from "@starai/protocol/texts";
import type { Translate } from "@starai/protocol/texts";
import { answerOf } from "@starai/server/client";
import { chatName } from "../chat-place.ts";
import type { Place } from "../chat-place.ts";
import { Unfinished } from "../context.ts";
import type { BotDeps } from "../context.ts";
import { deliver } from "./deliver.ts";
import { liveView } from "./live-view.ts";
import { isAboutMoney, moneyButtons, sayLastFree } from "../payments/after-answer.ts";
import { receiptButton } from "../payments/receipt-button.ts";
import { closeFence } from "./markdown-code.ts";

export interface AnswerInput {
  place: Place;
  runId: string;
  replyTo?: number;
  t: Translate;
}

/** @throws Unfinished when the bot stops first; the next start attaches to the same run. */
export async function answerRun(deps: BotDeps, input: AnswerInput): Promise<void> {
  const { end, shown } = await follow(deps, input);
  const record = await readRun(deps, input.runId);
  const { answers: api, pace, stopping, log } = deps;
  await deliver(
    { api, retry: pace.retry, stopping, log },
    {
      place: input.place,
      markdown: finalMarkdown(end, record?.first === true, input),
      edit: shown,
      replyTo: () => quoted(deps, input),
      buttons: await buttonsOf(deps, input, { outcome: end.outcome, bill: end.bill, record }),
    },
  );
  await sayLastFree(deps, { ...input, bill: end.bill });
}

/** The message to quote: in a group always the question; in private only a crossed one (see crossings.ts). */
function quoted({ crossings }: BotDeps, { place, replyTo }: AnswerInput): number | null {
  if (replyTo === undefined) return null;
  return !place.private || crossings.isCrossed(chatName(place), replyTo) ? replyTo : null;
}

async function follow(deps: BotDeps, input: AnswerInput) {
  const live = liveView(deps, input);
  let view = EMPTY_VIEW;
  live.show(view);
  try {
    for await (const event of deps.server.runEvents(input.runId, deps.stopping)) {
      view = applyEvent(view, event);
      if (view.outcome === null) live.show(view);
    }
  } finally {
    await live.end();
  }
  const { outcome, answer, bill } = view;
  if (outcome === null) throw new Unfinished(`the bot stops while run ${input.runId} goes on`);
  return { end: { outcome, answer, bill }, shown: await live.end() };
}

function finalMarkdown(
  { outcome, answer, bill }: { outcome: Outcome; answer: string; bill: RunBill | null },
  first: boolean,
  { place, t }: AnswerInput,
): string {
  const broken = noteOf(outcome, place, t);
  if (answer.trim() === "") return broken ?? t("chat.empty");
  const note = first && outcome.kind === "answered" ? t("chat.may_be_wrong") : broken;
  const notes = [note, outcome.kind === "failed" ? null : boundNote(bill, place, t)].filter((one) => one !== null);
  return [notes.length === 0 ? answer : closeFence(answer.trimEnd()), ...notes.map((one) => `*${one}*`)].join("\n\n");
}

/** Why money may have made it shorter; what somebody has is not told to a group. */
function boundNote(bill: RunBill | null, place: Place, t: Translate): string | null {
  return place.private && bill !== null && bill.bound !== null ? t(`wallet.receipt.bound.${bill.bound}`) : null;
}

/** The note under an incomplete answer; `null` for a complete one. */
function noteOf(outcome: Outcome, place: Place, t: Translate): string | null {
  switch (outcome.kind) {
    case "answered":
    case "asked":
      return null;
    case "stopped":
      return t("chat.stopped");
    case "failed": {
      // What somebody has is not told to a group.
      if (!place.private && isAboutMoney(outcome.code)) return t("stars.unpaid_in_group");
      const key = `outcome.${outcome.code}`;
      return isTextKey(key) ? t(key) : outcome.message;
    }
  }
}

type RunRecord = NonNullable<Awaited<ReturnType<typeof readRun>>>;

/** The stored run; `null` if the server is unreachable, and the answer is then sent without buttons. */
async function readRun({ server }: BotDeps, id: string) {
  try {
    return await answerOf(() => server.api.runs[":id"].$get({ param: { id } }), { patienceMs: 2_000 });
  } catch {
    return null;
  }
}

async function buttonsOf(
  deps: BotDeps,
  { place, runId, t }: AnswerInput,
  { outcome, bill, record: run }: { outcome: Outcome; bill: RunBill | null; record: RunRecord | null },
): Promise<InlineKeyboard | null> {
  const money = place.private ? moneyButtons(deps, outcome, t) : null;
  if (money !== null) return money;
  const receipt = await receiptButton(deps, { place, runId, bill, t });
  const keyboard = new InlineKeyboard();
  if (run?.resumable) keyboard.text(t("button.continue"), `continue:${run.id}`).row();
  if (run && tellsHow(run.steps)) keyboard.text(stepsLabel(run, t), `steps:${run.id}`).row();
  if (receipt !== null) keyboard.add(receipt);
  return keyboard;
}

function stepsLabel(run: RunRecord, t: Translate): string {
  const seconds = ((run.elapsedMs ?? 0) / 1_000).toFixed(1);
  return t("button.steps", { count: run.steps.length, seconds, model: run.modelName });
}
