import { useT } from "../../app/app-context.ts";
import { Screen } from "../../components/Screen.tsx";

export function SettingsScreen() {
  const t = useT();
  return <Screen title={t("app.tab.settings")}>{null}</Screen>;
}
