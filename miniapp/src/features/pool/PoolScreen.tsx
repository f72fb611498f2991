import { useT } from "../../app/app-context.ts";
import { Screen } from "../../components/Screen.tsx";

export default function PoolScreen() {
  const t = useT();
  return <Screen title={t("app.tab.pool")}>{null}</Screen>;
}
