/** A worker's price, as percent of the list's. In percent it is a whole number on the wire, too. */
import { z } from "zod";

/** 50 to 300 in steps of 5: the bounds keep a typing error from being a price. `usual` is the list's own price. */
export const ASK_PERCENT = { min: 50, max: 300, step: 5, usual: 100 } as const;

export function isAskPercent(percent: number): boolean {
  const { min, max, step } = ASK_PERCENT;
  return Number.isInteger(percent) && percent >= min && percent <= max && percent % step === 0;
}

export const AskPercent = z
  .number()
  .refine(isAskPercent, `must be ${ASK_PERCENT.min} to ${ASK_PERCENT.max} in steps of ${ASK_PERCENT.step}, in percent`);
