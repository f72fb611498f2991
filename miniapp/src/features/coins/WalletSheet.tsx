import { Button } from "../../components/Button.tsx";
import { Cell } from "../../components/Cell.tsx";
import { Section } from "../../components/Section.tsx";
import { Sheet } from "../../components/Sheet.tsx";
import { useCopy } from "../../components/use-copy.ts";
import type { Chain } from "../../data/use-chain.ts";
import { useApp, useT } from "../../lib/app-context.ts";
import { addressLink, peopleAddress } from "../../lib/people-address.ts";

interface WalletSheetProps {
  wallet: NonNullable<Chain["wallet"]>;
  network: Chain["network"];
  onChange: () => void;
  onRemove: () => void;
  onClose: () => void;
}

/** The whole address, and what can be done with the wallet. */
export function WalletSheet({ wallet, network, onChange, onRemove, onClose }: WalletSheetProps) {
  const t = useT();
  const { telegram } = useApp();
  const copy = useCopy();
  const address = peopleAddress(wallet.address, network);
  return (
    <Sheet title={t("wallet.coins.wallet")} onClose={onClose}>
      <div className="sheet-pad">
        <p className="coins-address">{address}</p>
        <div className="button-row">
          <Button onClick={() => void copy(address)}>{t("wallet.coins.copy")}</Button>
          <Button onClick={() => telegram.open(addressLink(wallet.address, network, location.href))}>
            {t("wallet.coins.explorer")}
          </Button>
        </div>
      </div>
      <Section foot={t("wallet.coins.change_foot")}>
        <Cell title={<span className="coins-link">{t("wallet.coins.change")}</span>} onClick={onChange} />
        <Cell danger title={t("wallet.coins.remove")} onClick={onRemove} />
      </Section>
    </Sheet>
  );
}
