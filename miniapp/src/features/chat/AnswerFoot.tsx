/** The line under an answer: number of steps, duration, speed, price; it expands to the steps themselves. */
import { useState } from "react";
import type { RunBill } from "@starai/protocol/receipts";
import { tellsHow } from "@starai/protocol/runs";
import type { Step } from "@starai/protocol/runs";
import type { Language, Translate } from "@starai/protocol/texts";
import { IconButton } from "../../components/Button.tsx";
import { Icon } from "../../components/Icon.tsx";
import type { RunSummary, ThreadMessage } from "../../lib/api.ts";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { AnswerPrice } from "./AnswerPrice.tsx";
import { Branches } from "./Branches.tsx";
import { Judgement } from "./Judgement.tsx";
import { Steps } from "./Steps.tsx";
import type { MenuPlace } from "./use-message-menu.ts";
import { corner } from "./UserMessage.tsx";

/** The statuses of answers that can be rated; stopped and failed ones cannot. */
const JUDGED: ReadonlySet<RunSummary["status"]> = new Set(["answered", "asked"]);

interface AnswerFootProps {
  message: ThreadMessage;
  thread: string;
  running: boolean;
  /** Whether the person stopped it. */
  stopped: boolean;
  /** The steps as followed live; null when this answer was only fetched. */
  steps: Step[] | null;
  /** What it cost; null while it runs, and where that is not known. */
  bill: RunBill | null;
  menuLabel: string;
  /** Opens the answer's menu; null while the menu is empty. */
  onMenu: ((at: MenuPlace) => void) | null;
}

export function AnswerFoot({ message, thread, running, stopped, steps, bill, menuLabel, onMenu }: AnswerFootProps) {
  const t = useT();
  const language = useLanguage();
  const [open, setOpen] = useState(false);
  const { run } = message;
  if (!run) return null;
  const count = steps?.length ?? run.steps;
  const tells = steps === null ? run.tells : tellsHow(steps);
  const id = `steps-${run.id}`;
  return (
    <div className="foot">
      <div className="foot-line figures">
        {stopped && <span className="foot-note">{t("chat.stopped")}</span>}
        {count > 0 && !tells && !running && <span className="foot-note">{measures(run, t, language).join(" · ")}</span>}
        {count > 0 && tells && (
          <button
            type="button"
            className="foot-steps"
            aria-expanded={open}
            aria-controls={id}
            onClick={() => setOpen(!open)}
          >
            <Icon name="down" size={16} />
            {[t("app.chat.steps", { count }), ...(running ? [] : measures(run, t, language))].join(" · ")}
          </button>
        )}
        {bill !== null && <AnswerPrice run={run.id} bill={bill} />}
        <span className="foot-actions">
          <Branches message={message} thread={thread} />
          {JUDGED.has(run.status) && <Judgement run={run} thread={thread} />}
          {onMenu && (
            <IconButton
              icon="moreUp"
              className="message-more"
              label={menuLabel}
              aria-haspopup="menu"
              onClick={({ currentTarget }) => onMenu(corner(currentTarget))}
            />
          )}
        </span>
      </div>
      <div id={id} hidden={!open}>
        {open && <Steps run={run.id} live={running ? (steps ?? []) : null} />}
      </div>
    </div>
  );
}

/** Duration and speed, as far as they were measured. */
function measures(run: RunSummary, t: Translate, language: Language): string[] {
  const figure = (value: number, digits: number) =>
    new Intl.NumberFormat(language, { maximumFractionDigits: value < 10 ? digits : 0 }).format(value);
  const parts: string[] = [];
  if (run.elapsedMs !== null) parts.push(t("app.chat.seconds", { seconds: figure(run.elapsedMs / 1_000, 1) }));
  if (run.tokensPerS !== null) parts.push(t("app.chat.speed", { speed: figure(run.tokensPerS, 1) }));
  return parts;
}
