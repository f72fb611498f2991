/** How much an answer and a day may cost at most, in dollars. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CAP_BOUNDS } from "@starai/protocol/money";
import type { Caps } from "@starai/protocol/money";
import { useState } from "react";
import { Button } from "../../components/Button.tsx";
import { DollarField } from "../../components/DollarField.tsx";
import { Failed } from "../../components/Failed.tsx";
import { Sheet } from "../../components/Sheet.tsx";
import { Loading, Skeleton } from "../../components/Skeleton.tsx";
import { useToast } from "../../components/Toast.tsx";
import { useFailed } from "../../components/use-failed.ts";
import { useMoney } from "../../data/use-money.ts";
import type { Money } from "../../data/use-money.ts";
import { answer } from "../../lib/api.ts";
import { useApi, useLanguage, useT } from "../../lib/app-context.ts";
import { dollarsTyped, readDollars } from "../../lib/dollars.ts";
import { spentText } from "../../lib/money-words.ts";
import { keys } from "../../lib/query-client.ts";
import "../../lib/late-texts.ts";
import "./wallet.css";

/** Micro-dollars. The default of an answer is five times the dearest run of an 8B model. */
const PRESETS = { answer: [5_000, 20_000, 100_000, 1_000_000], day: [250_000, 1_000_000, 5_000_000, 20_000_000] };

export default function CapsSheet({ onClose }: { onClose: () => void }) {
  const t = useT();
  const { data, error, refetch } = useMoney();
  return (
    <Sheet title={t("wallet.caps.title")} onClose={onClose}>
      {data !== undefined ? (
        <CapsForm money={data} onClose={onClose} />
      ) : error === null ? (
        <CapsSkeleton />
      ) : (
        <Failed error={error} text={t("wallet.failed")} onRetry={() => void refetch()} />
      )}
    </Sheet>
  );
}

function CapsSkeleton() {
  const t = useT();
  return (
    <Loading label={t("app.loading")}>
      <div className="screen-loading">
        <Skeleton width="40%" />
        <Skeleton height="var(--touch)" />
        <Skeleton width="40%" />
        <Skeleton height="var(--touch)" />
      </div>
    </Loading>
  );
}

function CapsForm({ money, onClose }: { money: Money; onClose: () => void }) {
  const t = useT();
  const language = useLanguage();
  const { caps, spentToday, rate } = money;
  const [perAnswer, setPerAnswer] = useState(dollarsTyped(caps.answer, language));
  const [perDay, setPerDay] = useState(dollarsTyped(caps.day, language));
  const save = useSaveCaps(onClose);
  const read = {
    answer: readDollars(perAnswer, CAP_BOUNDS.answer, language),
    day: readDollars(perDay, CAP_BOUNDS.day, language),
  };
  const chosen: Caps | null =
    "microUsd" in read.answer && "microUsd" in read.day
      ? { answer: read.answer.microUsd, day: read.day.microUsd }
      : null;
  const spent = spentText(spentToday, rate, { language, round: "up" });
  return (
    <>
      <DollarField
        label={t("wallet.caps.answer")}
        presets={PRESETS.answer}
        bounds={CAP_BOUNDS.answer}
        value={perAnswer}
        onChange={setPerAnswer}
      />
      <DollarField
        label={t("wallet.caps.day")}
        presets={PRESETS.day}
        bounds={CAP_BOUNDS.day}
        value={perDay}
        onChange={setPerDay}
      />
      <div className="sheet-pad">
        <p className="sheet-note">{`${t("wallet.caps.spent", { spent })}. ${t("wallet.caps.foot")}`}</p>
        <div className="button-row">
          <Button onClick={onClose}>{t("app.cancel")}</Button>
          <Button
            look="accent"
            busy={save.isPending}
            disabled={chosen === null}
            onClick={() => chosen && save.mutate(chosen)}
          >
            {t("wallet.save")}
          </Button>
        </div>
      </div>
    </>
  );
}

function useSaveCaps(onSaved: () => void) {
  const t = useT();
  const api = useApi();
  const toast = useToast();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (json: Caps) => answer(() => api.my.money.caps.$put({ json })),
    onSuccess: (money) => {
      client.setQueryData(keys.moneyNow, money);
      toast({ text: t("wallet.caps.saved") });
      onSaved();
    },
    onError: useFailed(),
  });
}
