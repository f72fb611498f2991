/** For tests of everything but money: a house that gives away as many answers as a test asks for, in groups as well. */
import { DEFAULT_SETTINGS } from "../billing/money-settings.ts";
import type { MoneySettings } from "../billing/money-settings.ts";

export const LAVISH: MoneySettings = {
  ...DEFAULT_SETTINGS,
  free: { ...DEFAULT_SETTINGS.free, answersPerDay: 1_000, parametersMax: Infinity, inGroups: true },
};
