/** The part of `worker inspect` about models that do not fit here: what is missing, and with which machines they would. */
import type { CatalogueModel } from "@starai/protocol/catalogue";
import { nodesNeeded } from "@starai/protocol/group-layers";
import type { SplitModel } from "@starai/protocol/group-layers";
import { GROUP_NODES_MAX } from "@starai/protocol/split";
import { fit, needsOf } from "../engines/llama/fit.ts";
import { gigabytes, SLOTS_CPU } from "../open-engines.ts";

/** The least that a group serves with. */
const ROOM = { contextTokens: 2_048, slots: 1 };
const COUNTS = ["no", "one", "two", "three"];

/** A sentence for each model that does not fit. Pure. */
export function missingLines(models: readonly CatalogueModel[], freeBytes: number): string[] {
  return models.flatMap((model) => {
    const plan = fit({ ...needsOf(model), freeBytes, slotsWanted: SLOTS_CPU });
    if (plan.kind === "fits") return [];
    const more = `With ${gigabytes(Math.max(plan.needBytes - freeBytes, TENTH_OF_GB))} more`;
    if (!isSplit(model)) return [`${more} you could serve ${model.id}, which is served whole only.`];
    const others = likeThisOne(model, freeBytes);
    return [`${more}${others === null ? "" : `, or ${others},`} you could serve ${model.id}.`];
  });
}

/** Differences are told in tenths. */
const TENTH_OF_GB = 1e8;

function likeThisOne(model: SplitModel, freeBytes: number): string | null {
  const othersBytes = Array.from({ length: GROUP_NODES_MAX }, () => freeBytes);
  const count = nodesNeeded(model, { headBytes: freeBytes, othersBytes }, ROOM);
  return count === null ? null : `${COUNTS[count]} more machine${count === 1 ? "" : "s"} like this one`;
}

function isSplit(model: CatalogueModel): model is SplitModel {
  return model.shape !== undefined;
}
