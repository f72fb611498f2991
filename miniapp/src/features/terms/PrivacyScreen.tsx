/** Who can read what one writes, what is kept about payments, and how to have it deleted. */
import { LegalText } from "./LegalText.tsx";

export default function PrivacyScreen() {
  return (
    <LegalText
      title="wallet.privacy.title"
      parts={[
        ["app.settings.privacy", "app.settings.privacy_text"],
        ["wallet.privacy.chats", "wallet.privacy.chats_text"],
        ["wallet.privacy.money", "wallet.privacy.money_text"],
        ["wallet.privacy.delete", "wallet.privacy.delete_text"],
      ]}
    />
  );
}
