import { Button } from "../../components/Button.tsx";
import type { Chain } from "../../data/use-chain.ts";
import { useApp, useT } from "../../lib/app-context.ts";
import { transactionLink } from "../../lib/people-address.ts";

/** Opens a transaction where everybody can look at it. */
export function ExplorerLink({ transaction, network }: { transaction: string; network: Chain["network"] }) {
  const t = useT();
  const { telegram } = useApp();
  return (
    <Button onClick={() => telegram.open(transactionLink(transaction, network, location.href))}>
      {t("wallet.coins.explorer")}
    </Button>
  );
}
