/** What the page says of a group: how far it is, how fast and why no faster, and who holds which layers. Pure. */
import type { PoolGroup } from "@starai/protocol/pool-status";
import type { Translate } from "@starai/protocol/texts";
import { figure } from "../../lib/figures.ts";

type Member = PoolGroup["members"][number];

export function stateWords(t: Translate, { isUp, done }: PoolGroup, language: string): string {
  if (isUp) return t("app.pool.group_up");
  // Rounded down: what is not done is never called done.
  const whole = Math.floor(done * 100) / 100;
  return t("app.pool.group_preparing", { done: new Intl.NumberFormat(language, { style: "percent" }).format(whole) });
}

/** Its speed with what limits it, or for which machines it waits; null where there is nothing to say. */
export function paceWords(t: Translate, group: PoolGroup, language: string): string | null {
  const { isUp, members, decodeTokensPerS, limitedBy } = group;
  if (!isUp) {
    const machines = members.filter(({ isPreparing }) => isPreparing).map(({ name }) => name);
    if (machines.length === 0) return null;
    return t("app.pool.group_waits", { machines: new Intl.ListFormat(language).format(machines) });
  }
  if (decodeTokensPerS === null) return t("app.pool.group_unmeasured");
  const speed = t("app.models.speed", { speed: figure(decodeTokensPerS, language) });
  return limitedBy === null ? speed : `${speed} · ${t(`app.pool.group_limit.${limitedBy}`)}`;
}

/** @param place  among the machines of its group; the first makes the output */
export function layerWords(t: Translate, { firstLayer, layers }: Member, place: number): string {
  const isHead = place === 0;
  if (layers === 0) return t("app.pool.output");
  const [from, to] = [firstLayer + 1, firstLayer + layers];
  const words = layers === 1 ? t("app.pool.layer", { layer: to }) : t("app.pool.layers", { from, to });
  return isHead ? t("app.pool.layers_output", { layers: words }) : words;
}

/** The bar for whoever does not see it. */
export function barWords(t: Translate, { members }: PoolGroup): string {
  return t("app.pool.group_bar", { shares: members.map(({ name, layers }) => `${name} ${layers}`).join(", ") });
}
