/** The person's own choices, who reads what they write, and the ways out. */
import { useState } from "react";
import type { ComponentType } from "react";
import { version } from "../../../package.json" with { type: "json" };
import { Cell } from "../../components/Cell.tsx";
import { Failed } from "../../components/Failed.tsx";
import { Screen } from "../../components/Screen.tsx";
import { Section } from "../../components/Section.tsx";
import { useBotLink, useCodeLink } from "../../data/bot-link.ts";
import { useModelName } from "../../data/use-models.ts";
import { useProfile } from "../../data/use-profile.ts";
import type { Profile } from "../../data/use-profile.ts";
import { useApp, useT } from "../../lib/app-context.ts";
import { AboutMeSheet } from "./AboutMeSheet.tsx";
import { DeleteMyData } from "./DeleteMyData.tsx";
import { LANGUAGE_NAMES, LanguageSheet } from "./LanguageSheet.tsx";
import { LogOutEverywhere } from "./LogOutEverywhere.tsx";
import { SettingsSkeleton } from "./SettingsSkeleton.tsx";
import { useExportEverything } from "./use-export-everything.ts";
import "../../lib/late-texts.ts";

type Opened = "language" | "model" | "about_me" | "log_out" | "delete" | null;

/** @param modelSheet  chooses the person's own model */
export function SettingsScreen({ modelSheet: ModelSheet }: { modelSheet: ComponentType<{ onClose: () => void }> }) {
  const t = useT();
  const { data, error, refetch } = useProfile();
  const [opened, setOpened] = useState<Opened>(null);
  const { telegram } = useApp();
  const bot = useBotLink();
  const code = useCodeLink();
  const { exportAs, exporting } = useExportEverything();
  const close = () => setOpened(null);
  return (
    <Screen title={t("app.settings.title")}>
      {data === undefined ? (
        error === null ? (
          <SettingsSkeleton />
        ) : (
          <Failed error={error} onRetry={() => void refetch()} />
        )
      ) : (
        <>
          <Choices profile={data} onOpen={setOpened} />
          <Section title={t("app.settings.privacy")}>
            <Cell title={<span className="settings-prose">{t("app.settings.privacy_text")}</span>} />
          </Section>
          <Section title={t("app.settings.data")} foot={t("app.settings.export_text")}>
            <Cell title={t("app.settings.export_md")} onClick={() => exportAs("md")} disabled={exporting} />
            <Cell title={t("app.settings.export_json")} onClick={() => exportAs("json")} disabled={exporting} />
            <Cell danger title={t("app.settings.delete")} onClick={() => setOpened("delete")} />
          </Section>
        </>
      )}
      <Section title={t("app.settings.sessions")} foot={t("app.settings.log_out_text")}>
        <Cell danger title={t("app.settings.log_out")} onClick={() => setOpened("log_out")} />
      </Section>
      <Section title={t("app.settings.about")}>
        {bot !== null && <Cell title={t("app.settings.help")} onClick={() => telegram.open(bot)} />}
        <Cell title={t("wallet.terms.title")} href="/terms" />
        <Cell title={t("wallet.privacy.title")} href="/privacy" />
        {code !== null && <Cell title={t("app.pool.join_code")} onClick={() => telegram.open(code)} />}
        <Cell title={t("app.settings.version")} after={version} />
      </Section>
      {opened === "language" && data && <LanguageSheet chosen={data.language.chosen} onClose={close} />}
      {opened === "model" && <ModelSheet onClose={close} />}
      {opened === "about_me" && data && <AboutMeSheet about={data.about} onClose={close} />}
      {opened === "log_out" && <LogOutEverywhere onClose={close} />}
      {opened === "delete" && <DeleteMyData onClose={close} />}
    </Screen>
  );
}

function Choices({ profile, onOpen }: { profile: Profile; onOpen: (what: "language" | "model" | "about_me") => void }) {
  const t = useT();
  const nameOf = useModelName();
  const { chosen } = profile.language;
  return (
    <Section title={t("app.settings.signed_in", { name: profile.person.name })}>
      <Cell
        title={t("app.settings.model")}
        after={profile.model.chosen ? nameOf(profile.model.model) : t("app.models.default")}
        onClick={() => onOpen("model")}
      />
      <Cell
        title={t("app.settings.about_me")}
        after={t(profile.about.text === "" ? "app.settings.about_me_empty" : "app.settings.about_me_set")}
        onClick={() => onOpen("about_me")}
      />
      <Cell
        title={t("app.settings.language")}
        after={chosen === "en" || chosen === "ru" ? LANGUAGE_NAMES[chosen] : t("app.settings.language_auto")}
        onClick={() => onOpen("language")}
      />
    </Section>
  );
}
