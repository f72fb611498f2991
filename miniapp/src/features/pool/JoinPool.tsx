import { Button } from "../../components/Button.tsx";
import { Section } from "../../components/Section.tsx";
import { useCopy } from "../../components/use-copy.ts";
import { useCodeLink } from "../../data/bot-link.ts";
import { useApp, useT } from "../../lib/app-context.ts";
import { joinCommand } from "./join-command.ts";

/** How a machine joins the pool, and what to expect. */
export function JoinPool() {
  const t = useT();
  const copy = useCopy();
  const { telegram } = useApp();
  const code = useCodeLink();
  const command = joinCommand({ pool: poolAddress(), code });
  return (
    <Section title={t("app.pool.join")} foot={t("app.pool.join_earn")}>
      <div className="pool-join">
        <p>{t(code === null ? "app.pool.join_text" : "app.pool.join_fresh")}</p>
        <pre className="pool-command" tabIndex={0} aria-label={t("app.pool.join")}>
          <code>{command}</code>
        </pre>
        <Button wide onClick={() => void copy(command)}>
          {t("app.pool.join_copy")}
        </Button>
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

/** The pool's address, on the host that served this page. */
function poolAddress(): string {
  return `${location.origin.replace(/^http/u, "ws")}/pool`;
}
