import type { ComponentProps } from "react";
import { Button } from "../../components/Button.tsx";
import { Section } from "../../components/Section.tsx";
import { useT } from "../../lib/app-context.ts";
import { Again } from "./Again.tsx";
import type { ActPhase, Asked } from "./asked-act.ts";

interface Act<Kept extends Asked> {
  kept: Kept | null;
  phase: ActPhase;
  keep: (kept: null) => void;
}

interface ActProgressProps {
  act: Act<Asked>;
  title: string;
  text: string;
  again: Omit<ComponentProps<typeof Again>, "onAgain">;
}

/** How far an act is, in a sentence, and what can be done about it. */
export function ActProgress({ act: { kept, phase, keep }, title, text, again }: ActProgressProps) {
  const t = useT();
  const isOver = phase === "done" || phase === "refused" || phase === "expired";
  return (
    <div className={`coins-progress coins-${phase === "done" ? "credited" : phase}`}>
      <div role="status">
        <p className="coins-phase">{title}</p>
        <p className="coins-hint">{text}</p>
      </div>
      {isOver && <Button onClick={() => keep(null)}>{t(phase === "done" ? "wallet.done" : "app.close")}</Button>}
      {/* While the wallet is being asked there is nothing to be done. */}
      {kept?.request.state === "unknown" && <Again {...again} onAgain={() => keep(null)} />}
    </div>
  );
}

interface ActSectionProps<Kept extends Asked> {
  act: Act<Kept> & { ask: { isPending: boolean } };
  textsOf: (kept: Kept) => { title: string; done: string; again: string };
}

/** The latest act under its name; where none is kept, whether a wallet is being opened. */
export function ActSection<Kept extends Asked>({ act, textsOf }: ActSectionProps<Kept>) {
  const t = useT();
  const { kept, phase, ask } = act;
  if (kept === null || phase === "none")
    return (
      <p role="status" className="custody-busy">
        {ask.isPending && t("wallet.coins.connect.busy")}
      </p>
    );
  const texts = textsOf(kept);
  return (
    <Section title={texts.title}>
      <ActProgress
        act={act}
        title={t(`wallet.custody.phase.${phase}`)}
        text={phase === "done" ? texts.done : t(`wallet.custody.phase_text.${phase}`)}
        again={{
          title: t("wallet.custody.again"),
          text: texts.again,
          action: t("wallet.coins.deposit_again_button"),
        }}
      />
    </Section>
  );
}
