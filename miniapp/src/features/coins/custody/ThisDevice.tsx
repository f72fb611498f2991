import { Cell } from "../../../components/Cell.tsx";
import { Section } from "../../../components/Section.tsx";
import { useT } from "../../../lib/app-context.ts";
import { KEYS_MAX } from "./custody-state.ts";
import type { EscrowProps } from "./escrow-props.ts";
import { addKeyWish } from "./wishes.ts";

/** Whether this device signs for the escrow, and how it comes to. */
export function ThisDevice({ view, custody, device }: EscrowProps) {
  const t = useT();
  const keys = view.chain?.keys ?? [];
  const { canSign, key, make } = device;
  const signs = key !== null && keys.includes(key);
  const foot = t("wallet.custody.device_foot");
  if (signs)
    return (
      <Section title={t("wallet.custody.device")} foot={foot}>
        <Cell title={t("wallet.custody.device_signs")} detail={t("wallet.custody.device_signs_about")} />
      </Section>
    );
  if (!canSign || keys.length >= KEYS_MAX)
    return (
      <Section title={t("wallet.custody.device")} foot={foot}>
        <Cell
          title={t("wallet.custody.device_none")}
          detail={t(canSign ? "wallet.custody.device_full" : "wallet.custody.device_unsupported")}
        />
      </Section>
    );
  return (
    <Section title={t("wallet.custody.device")} foot={foot}>
      <Cell title={t("wallet.custody.device_none")} detail={t("wallet.custody.device_none_about")} />
      <Cell
        title={<span className="coins-link">{t("wallet.custody.act.add_key")}</span>}
        detail={t("wallet.custody.device_add_about")}
        disabled={custody.busy}
        onClick={() => custody.ask.mutate(addKeyWish(make))}
      />
    </Section>
  );
}
