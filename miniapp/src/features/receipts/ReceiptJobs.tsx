import { exactAmount } from "@starai/protocol/amounts";
import type { Receipt, ReceiptJob } from "@starai/protocol/receipts";
import type { Language, Translate } from "@starai/protocol/texts";
import { Cell } from "../../components/Cell.tsx";
import { Section } from "../../components/Section.tsx";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { unitText } from "../../lib/money-words.ts";
import { shareText } from "./share-text.ts";

/** Each model call: its tokens, what it cost, and the machines that computed it, in the order they tried. */
export function ReceiptJobs({ receipt: { jobs, paidWith }, coin }: { receipt: Receipt; coin: string }) {
  const t = useT();
  const language = useLanguage();
  const free = paidWith === "free" || paidWith === "house";
  const unit = free ? "" : ` (${unitText(t, paidWith, coin)})`;
  const foot = jobs.some(({ estimated }) => estimated) ? t("wallet.receipt.estimated") : undefined;
  if (jobs.length === 0) return null;
  return (
    <Section title={t("wallet.receipt.steps") + unit} foot={foot}>
      {jobs.map((job, at) => (
        <Cell
          key={job.job}
          wide
          title={titleOf(job, stepsUpTo(jobs, at), t)}
          detail={<JobDetail job={job} t={t} language={language} />}
          {...(!free && { after: job.paid ? exactAmount(BigInt(job.amount)) : t("wallet.receipt.unpaid") })}
        />
      ))}
    </Section>
  );
}

function titleOf({ purpose }: ReceiptJob, number: number, t: Translate): string {
  return purpose === "repair" ? t("wallet.receipt.repair") : t("wallet.receipt.step", { number });
}

/** Repairs are part of their step, so they are not counted. */
function stepsUpTo(jobs: readonly ReceiptJob[], at: number): number {
  return jobs.slice(0, at + 1).filter(({ purpose }) => purpose === "step").length;
}

function JobDetail({ job, t, language }: { job: ReceiptJob; t: Translate; language: Language }) {
  const number = (value: number) => new Intl.NumberFormat(language).format(value);
  const tokens = {
    read: number(job.promptTokens),
    cached: number(job.cachedTokens),
    written: `${job.estimated ? "≈\u00A0" : ""}${number(job.answerTokens)}`,
  };
  return (
    <>
      {t(job.cachedTokens > 0 ? "wallet.receipt.tokens_cached" : "wallet.receipt.tokens", tokens)}
      {job.workers.map((share, at) => (
        // A machine may have had the job twice.
        <span key={`${share.worker} ${at}`} className={`receipt-worker ${share.isFalse ? "receipt-false" : ""}`}>
          {shareText(share, t, number)}
        </span>
      ))}
    </>
  );
}
