import { useProfile } from "../../data/use-profile.ts";
import { useT } from "../../lib/app-context.ts";

/**
 * Whose wallet it will be, before it is asked. The wallet's own page shows the app's name and address only: who confirms
 * there what a stranger began here gives the stranger what the wallet sends without a number.
 */
export function BindsTo() {
  const t = useT();
  const name = useProfile().data?.person.name;
  return name === undefined ? null : <>{t("wallet.coins.connect.to", { name })}</>;
}
