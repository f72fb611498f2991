import { Button } from "../../components/Button.tsx";
import { useCopy } from "../../components/use-copy.ts";
import { useApp, useT } from "../../lib/app-context.ts";
import type { Entry } from "../../lib/outbox.ts";
import { useAway } from "../../lib/use-online.ts";
import { isMoneyCode } from "./money-refusal.ts";
import { RefusalWords, WayOut } from "./MoneyRefusal.tsx";

const STATE = {
  none: "app.chat.sending",
  network: "app.chat.waits_network",
  server: "app.chat.waits_server",
} as const;

/** A message that the server does not have yet: being sent, waiting for the network, or refused with the reason. */
export function WaitingMessage({ entry }: { entry: Entry }) {
  const t = useT();
  const away = useAway();
  const { outbox } = useApp();
  const copy = useCopy();
  const { externalId, sending, refusal } = entry;
  return (
    <li className="mine waiting" data-waiting>
      {sending.kind === "message" && (
        <div className="bubble" dir="auto">
          {sending.text}
        </div>
      )}
      {refusal === null ? (
        <p className="waiting-state">{t(STATE[away ?? "none"])}</p>
      ) : (
        <div className="waiting-refused" role="alert">
          <p>{isMoneyCode(refusal.code) ? <RefusalWords code={refusal.code} /> : refusal.message}</p>
          <div className="button-row">
            {isMoneyCode(refusal.code) && <WayOut code={refusal.code} />}
            <Button onClick={() => outbox.retry(externalId)}>{t("app.retry")}</Button>
            {sending.kind === "message" && (
              <Button onClick={() => void copy(sending.text)}>{t("app.chat.copy")}</Button>
            )}
            <Button look="danger" onClick={() => outbox.discard(externalId)}>
              {t("app.chat.discard")}
            </Button>
          </div>
        </div>
      )}
    </li>
  );
}
