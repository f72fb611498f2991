/** The pool's page with two groups on it: one of four machines that serves, one of two that prepares. */
import { FOUR_HOLD, FOUR_LENDERS, LentGroup } from "../../sandbox/tests/lent-group.ts";
import type { Scene } from "./scenes.ts";

const TWO_HOLD = "qwen2.5-7b-instruct";
const TWO_LENDERS = [
  { name: "quiet-heron", memoryBytes: 4e9 },
  { name: "sunny-badger", memoryBytes: 2.5e9 },
];

let groups: LentGroup[] = [];

export const GROUP_SCENES: readonly Scene[] = [
  {
    name: "pool-groups",
    path: () => "/pool",
    act: async ({ frame, stage: { stack } }) => {
      const serves = await LentGroup.form(stack, FOUR_HOLD, FOUR_LENDERS);
      groups = [serves];
      await serves.up();
      serves.measured(5.2);
      const prepares = await LentGroup.form(stack, TWO_HOLD, TWO_LENDERS);
      groups.push(prepares);
      prepares.waitForLast(0.7);
      await frame.getByText(/^(Preparing, 35%|Готовится, 35\s%)$/).waitFor();
      await frame.getByText(/^(Models on several machines|Модели на нескольких машинах)$/).evaluate((title) => {
        title.scrollIntoView();
        // Below the screen's own title.
        window.scrollBy(0, -64);
      });
    },
    after: async () => {
      for (const group of groups) await group[Symbol.asyncDispose]();
    },
  },
];
