import { Button } from "../../components/Button.tsx";
import { Section } from "../../components/Section.tsx";
import { useCopy } from "../../components/use-copy.ts";
import { useCodeLink } from "../../data/bot-link.ts";
import { useChain } from "../../data/use-chain.ts";
import { useApp, useLanguage, useT } from "../../lib/app-context.ts";
import { paidText } from "../../lib/paid-words.ts";
import { joinCommands } from "./join-command.ts";
import "./join.css";

/** How a machine joins the pool, and what to expect. */
export default function JoinPool() {
  const t = useT();
  const language = useLanguage();
  const copy = useCopy();
  const { telegram } = useApp();
  const code = useCodeLink();
  const { data: chain } = useChain();
  const paid = chain === undefined ? null : paidText(t, { coin: chain?.coin ?? null, language });
  const foot = [...(paid === null ? [] : [paid]), t("app.pool.join_earn")].join(" ");
  // The pool is on the host that served this page.
  const { terminal, powershell } = joinCommands(location.origin);
  return (
    <Section title={t("app.pool.join")} foot={foot}>
      <div className="pool-join">
        <p>{t("app.pool.join_text")}</p>
        <Command label={t("app.pool.join")} text={terminal} />
        <Button wide onClick={() => void copy(terminal)}>
          {t("app.pool.join_copy")}
        </Button>
        <p>{t("app.pool.join_windows")}</p>
        <Command label={t("app.pool.join_windows")} text={powershell} />
        {code !== null && (
          <a
            href={code}
            onClick={(event) => {
              event.preventDefault();
              telegram.open(code);
            }}
          >
            {t("app.pool.join_code")}
          </a>
        )}
      </div>
    </Section>
  );
}

function Command({ label, text }: { label: string; text: string }) {
  return (
    <pre className="pool-command" aria-label={label}>
      <code>{text}</code>
    </pre>
  );
}
