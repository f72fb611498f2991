/** The receipt of one answer or request: what it cost and why, who computed it, who got what. */
import { ServerRefused } from "@starai/server/client";
import { Failed } from "../../components/Failed.tsx";
import { Placeholder } from "../../components/Placeholder.tsx";
import { Section } from "../../components/Section.tsx";
import { Sheet } from "../../components/Sheet.tsx";
import { Cell } from "../../components/Cell.tsx";
import { Loading, Skeleton } from "../../components/Skeleton.tsx";
import { useMoney } from "../../data/use-money.ts";
import { useT } from "../../lib/app-context.ts";
import { ReceiptFacts } from "./ReceiptFacts.tsx";
import { ReceiptJobs } from "./ReceiptJobs.tsx";
import { ReceiptPrice } from "./ReceiptPrice.tsx";
import { ReceiptProof } from "./ReceiptProof.tsx";
import { ReceiptSum } from "./ReceiptSum.tsx";
import { useReceipt } from "./use-receipt.ts";
import "../../lib/late-texts.ts";
import "./receipts.css";

export default function ReceiptSheet({ id, onClose }: { id: string; onClose: () => void }) {
  const t = useT();
  const { data, error, refetch } = useReceipt(id);
  // The receipt names its amounts by their unit; only the house knows the coin's name.
  const coin = useMoney().data?.coin ?? "";
  const none = error instanceof ServerRefused && error.code === "not_found";
  return (
    <Sheet title={t("wallet.receipt.title")} onClose={onClose}>
      {data !== undefined ? (
        <>
          <ReceiptSum receipt={data.receipt} coin={coin} />
          <ReceiptFacts receipt={data.receipt} />
          <ReceiptJobs receipt={data.receipt} coin={coin} />
          <ReceiptPrice receipt={data.receipt} coin={coin} />
          <ReceiptProof read={data} coin={coin} />
        </>
      ) : none ? (
        <Placeholder icon="wallet" title={t("wallet.receipt.none")} text={t("wallet.receipt.none_text")} />
      ) : error === null ? (
        <ReceiptSkeleton />
      ) : (
        <Failed error={error} text={t("wallet.receipt.failed")} onRetry={() => void refetch()} />
      )}
    </Sheet>
  );
}

function ReceiptSkeleton() {
  const t = useT();
  return (
    <Loading label={t("app.loading")}>
      <div className="receipt-sum">
        <Skeleton width="40%" height="var(--figure)" />
        <Skeleton width="55%" />
      </div>
      <Section>
        {["35%", "25%", "30%"].map((width) => (
          <Cell key={width} title={<Skeleton width={width} />} after={<Skeleton width="7em" />} />
        ))}
      </Section>
    </Loading>
  );
}
