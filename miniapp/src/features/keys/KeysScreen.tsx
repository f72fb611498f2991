/** API keys for programs: what each may spend and has spent today, and how to use one. */
import { useState } from "react";
import { Button } from "../../components/Button.tsx";
import { Cell } from "../../components/Cell.tsx";
import { Failed } from "../../components/Failed.tsx";
import { Placeholder } from "../../components/Placeholder.tsx";
import { Screen } from "../../components/Screen.tsx";
import { Section } from "../../components/Section.tsx";
import { Loading, Skeleton } from "../../components/Skeleton.tsx";
import { useMoney } from "../../data/use-money.ts";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { dollarsText } from "../../lib/dollars.ts";
import { spentText } from "../../lib/money-words.ts";
import { KeyHelp } from "./KeyHelp.tsx";
import { KeySheet } from "./KeySheet.tsx";
import { NewKeySheet } from "./NewKeySheet.tsx";
import { useKeys } from "./use-keys.ts";
import type { ApiKey } from "./use-keys.ts";
import "../../lib/late-texts.ts";
import "./keys.css";

type Opened = { kind: "new" } | { kind: "key"; id: string } | null;

export default function KeysScreen() {
  const t = useT();
  const { data, error, refetch } = useKeys();
  const [opened, setOpened] = useState<Opened>(null);
  const key = opened?.kind === "key" ? data?.find(({ id }) => id === opened.id) : undefined;
  const close = () => setOpened(null);
  return (
    <Screen title={t("wallet.keys.title")} back="/wallet">
      {data === undefined ? (
        error === null ? (
          <KeysSkeleton />
        ) : (
          <Failed error={error} text={t("wallet.keys.failed")} onRetry={() => void refetch()} />
        )
      ) : (
        <>
          <KeyList
            keys={data}
            onOpen={(id) => setOpened({ kind: "key", id })}
            onNew={() => setOpened({ kind: "new" })}
          />
          <KeyHelp />
        </>
      )}
      {opened?.kind === "new" && <NewKeySheet onClose={close} />}
      {key !== undefined && <KeySheet key={key.id} apiKey={key} onClose={close} />}
    </Screen>
  );
}

interface KeyListProps {
  keys: readonly ApiKey[];
  onOpen: (id: string) => void;
  onNew: () => void;
}

function KeyList({ keys, onOpen, onNew }: KeyListProps) {
  const t = useT();
  const make = (
    <Button look="accent" wide onClick={onNew}>
      {t("wallet.keys.new")}
    </Button>
  );
  if (keys.length === 0)
    return <Placeholder icon="link" title={t("wallet.keys.empty")} text={t("wallet.keys.empty_text")} action={make} />;
  return (
    <>
      <Section foot={t("wallet.keys.foot")}>
        {keys.map((key) => (
          <KeyRow key={key.id} apiKey={key} onOpen={() => onOpen(key.id)} />
        ))}
      </Section>
      <div className="keys-new">{make}</div>
    </>
  );
}

function KeyRow({ apiKey: { name, dayCap, spentToday, createdAt }, onOpen }: { apiKey: ApiKey; onOpen: () => void }) {
  const t = useT();
  const language = useLanguage();
  const rate = useMoney().data?.rate ?? null;
  const made = new Intl.DateTimeFormat(language, { dateStyle: "medium" }).format(new Date(createdAt));
  return (
    <Cell
      title={name}
      detail={t("wallet.keys.made", { date: made })}
      after={t("wallet.keys.spent", {
        spent: spentText(spentToday, rate, { language, round: "up" }),
        cap: dollarsText(dayCap, language),
      })}
      onClick={onOpen}
    />
  );
}

function KeysSkeleton() {
  const t = useT();
  return (
    <Loading label={t("app.loading")}>
      <Section>
        {["40%", "30%"].map((width) => (
          <Cell
            key={width}
            title={<Skeleton width={width} />}
            detail={<Skeleton width="50%" height="0.8em" />}
            after={<Skeleton width="5em" />}
          />
        ))}
      </Section>
    </Loading>
  );
}
