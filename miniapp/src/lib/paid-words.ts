/** Which machines are paid, in a sentence. Pure. */
import { coinsText } from "@starai/protocol/amounts";
import { STAKE_MIN } from "@starai/protocol/contributor";
import type { Language, Translate } from "@starai/protocol/texts";

/** @param coin  its name; null where the server has no chain: there nothing can be staked, and every machine is paid */
export function paidText(t: Translate, { coin, language }: { coin: string | null; language: Language }): string {
  if (coin === null) return t("app.pool.paid");
  return t("app.pool.paid_staked", { stake: coinsText(t, { nano: STAKE_MIN, coin, language, round: "up" }) });
}
