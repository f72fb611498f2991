import { useT } from "../../app/app-context.ts";
import { Screen } from "../../components/Screen.tsx";

export function ThreadsScreen() {
  const t = useT();
  return <Screen title={t("app.tab.chats")}>{null}</Screen>;
}
