import { useT } from "../../app/app-context.ts";
import { Screen } from "../../components/Screen.tsx";

export default function ChatScreen({ id }: { id: string }) {
  const t = useT();
  return (
    <Screen title={t("app.tab.chats")} back="/" bare>
      {id}
    </Screen>
  );
}
