import { useState } from "react";
import { Cell } from "../../components/Cell.tsx";
import { Confirm } from "../../components/Confirm.tsx";
import { Section } from "../../components/Section.tsx";
import type { Chain } from "../../data/use-chain.ts";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { momentText } from "../../lib/when.ts";
import { peopleAddress, shortAddress } from "../../lib/people-address.ts";
import { BindsTo } from "./BindsTo.tsx";
import { useBindWallet, useCancelChange, useRemoveWallet } from "./use-wallet-acts.ts";
import { WalletSheet } from "./WalletSheet.tsx";

type Bound = NonNullable<Chain["wallet"]>;

/** The wallet that withdrawals go to, since when they may, and a change of it that can still be taken back. */
export function WalletSection({ chain }: { chain: Chain }) {
  const t = useT();
  const bind = useBindWallet(chain);
  const { wallet } = chain;
  const foot = (
    <>
      {t("wallet.coins.wallet_foot")} {wallet === null && <BindsTo />}
    </>
  );
  return (
    <Section title={t("wallet.coins.wallet")} foot={foot}>
      {wallet === null ? (
        <Cell
          title={<span className="coins-link">{t("wallet.coins.connect")}</span>}
          detail={t(bind.isPending ? "wallet.coins.connect.busy" : "wallet.coins.connect.about")}
          disabled={bind.isPending}
          onClick={() => bind.mutate()}
        />
      ) : (
        <BoundWallet chain={chain} wallet={wallet} busy={bind.isPending} onChange={() => bind.mutate()} />
      )}
    </Section>
  );
}

interface BoundWalletProps {
  chain: Chain;
  wallet: Bound;
  /** Another one is being connected. */
  busy: boolean;
  onChange: () => void;
}

function BoundWallet({ chain, wallet, busy, onChange }: BoundWalletProps) {
  const t = useT();
  const language = useLanguage();
  const [opened, setOpened] = useState<"wallet" | "remove" | "cancel" | null>(null);
  const close = () => setOpened(null);
  const remove = useRemoveWallet(chain, close);
  const cancel = useCancelChange(close);
  const waits = Date.parse(wallet.payoutsFrom) > Date.now();
  const date = momentText(new Date(waits ? wallet.payoutsFrom : wallet.boundAt), language);
  return (
    <>
      <Cell
        title={shortAddress(peopleAddress(wallet.address, chain.network))}
        detail={
          busy ? t("wallet.coins.connect.busy") : t(waits ? "wallet.coins.waits" : "wallet.coins.bound", { date })
        }
        onClick={() => setOpened("wallet")}
        after={<span className="coins-link">{t("wallet.coins.details")}</span>}
      />
      {wallet.canCancel && waits && (
        <Cell
          title={<span className="coins-link">{t("wallet.coins.cancel_change")}</span>}
          detail={t("wallet.coins.cancel_change_about")}
          onClick={() => setOpened("cancel")}
        />
      )}
      {opened === "wallet" && (
        <WalletSheet
          wallet={wallet}
          network={chain.network}
          onChange={() => {
            // TON Connect's dialog would lie under the sheet.
            close();
            onChange();
          }}
          onRemove={() => setOpened("remove")}
          onClose={close}
        />
      )}
      {opened === "remove" && (
        <Confirm
          title={t("wallet.coins.remove_title")}
          text={t("wallet.coins.remove_text")}
          action={t("wallet.coins.remove")}
          busy={remove.isPending}
          onConfirm={() => remove.mutate()}
          onClose={close}
        />
      )}
      {opened === "cancel" && (
        <Confirm
          title={t("wallet.coins.cancel_change")}
          text={t("wallet.coins.cancel_change_text")}
          action={t("wallet.coins.cancel_change_button")}
          busy={cancel.isPending}
          onConfirm={() => cancel.mutate({ id: wallet.id })}
          onClose={close}
        />
      )}
    </>
  );
}
