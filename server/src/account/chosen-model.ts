/** The first chosen model that there still is, else the server's default. */
import type { Base } from "../base.ts";

export function chosenModel(
  { catalogue, config }: Pick<Base, "catalogue" | "config">,
  choices: readonly (string | null)[],
): string {
  return choices.filter((model) => model !== null).find((model) => catalogue.has(model)) ?? config.defaultModel;
}
