import { MyModelSheet } from "../features/models/ModelSheet.tsx";
import { SettingsScreen } from "../features/settings/SettingsScreen.tsx";

/** The settings with the sheet that chooses a model, which belongs to another feature. */
export default function SettingsRoute() {
  return <SettingsScreen modelSheet={MyModelSheet} />;
}
