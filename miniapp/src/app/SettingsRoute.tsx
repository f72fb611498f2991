import { MyModelSheet } from "../features/models/ModelSheet.tsx";
import { SettingsScreen } from "../features/settings/SettingsScreen.tsx";

/** The settings with the model's sheet, which is a feature of its own. */
export default function SettingsRoute() {
  return <SettingsScreen modelSheet={MyModelSheet} />;
}
