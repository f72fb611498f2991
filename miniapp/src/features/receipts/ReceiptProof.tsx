import { exactAmount } from "@starai/protocol/amounts";
import type { Receipt } from "@starai/protocol/receipts";
import type { Translate } from "@starai/protocol/texts";
import { Button } from "../../components/Button.tsx";
import { Cell } from "../../components/Cell.tsx";
import { Icon } from "../../components/Icon.tsx";
import { Section } from "../../components/Section.tsx";
import { useCopy } from "../../components/use-copy.ts";
import { useT } from "../../lib/app-context.ts";
import { unitText } from "../../lib/money-words.ts";
import type { ReadReceipt } from "./use-receipt.ts";
import { addsUp } from "./verify-receipt.ts";

/** Who got what, whether the signature and the sum are right, and the receipt as a text to keep. */
export function ReceiptProof({ read: { receipt, signed, signature }, coin }: { read: ReadReceipt; coin: string }) {
  const t = useT();
  const copy = useCopy();
  const { legs, paidWith } = receipt;
  const right = addsUp(receipt);
  return (
    <>
      {legs.length > 0 && (
        <Section
          title={`${t("wallet.receipt.legs")} (${unitText(t, paidWith, coin)})`}
          foot={t(right ? "wallet.receipt.adds_up" : "wallet.receipt.adds_up_not")}
        >
          {legs.map((leg) => (
            <Cell
              key={`${leg.to} ${leg.worker ?? ""}`}
              title={receiverOf(leg, receipt, t)}
              after={exactAmount(BigInt(leg.amount))}
            />
          ))}
        </Section>
      )}
      <Section title={t("wallet.receipt.signature")}>
        <Cell
          before={<Icon name={signature === "verified" ? "check" : "warning"} size={20} />}
          title={t(`wallet.receipt.signature.${signature}`)}
          detail={<span className="receipt-code">{t("wallet.receipt.key", { key: signed.key })}</span>}
        />
      </Section>
      <div className="sheet-pad">
        <div className="button-row">
          <Button onClick={() => void copy(JSON.stringify(signed, null, 2))}>{t("wallet.receipt.copy")}</Button>
        </div>
      </div>
    </>
  );
}

function receiverOf({ to, worker }: Receipt["legs"][number], { jobs }: Receipt, t: Translate): string {
  if (to !== "worker") return t(`wallet.receipt.to.${to}`);
  const known = jobs.flatMap(({ workers }) => workers).find((share) => share.worker === worker);
  return known?.name ?? worker?.slice(0, 8) ?? t("wallet.receipt.to.worker");
}
