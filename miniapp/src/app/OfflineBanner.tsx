import { Banner } from "../components/Banner.tsx";
import { useT } from "./app-context.ts";
import { useOnline } from "./use-online.ts";

/** Says that there is no network and what that means: nothing is lost. */
export function OfflineBanner() {
  const t = useT();
  return useOnline() ? null : <Banner>{t("app.offline.banner")}</Banner>;
}
