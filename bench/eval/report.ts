/** The eval's table: one row per model and design; a new measurement replaces its own row and leaves the others. */
import os from "node:os";
import { median } from "../median.ts";
import type { Conversation } from "./design.ts";
import type { Scenario } from "./scenario.ts";

export interface Judged {
  scenario: Scenario;
  talk: Conversation;
  right: boolean;
  seconds: number;
}

const HEAD = [
  "| model | design | English | of it dev | of it held-out | Russian | malformed | calls | seconds | median, no tool needed | missed (English) |",
  "|---|---|---|---|---|---|---|---|---|---|---|",
];

const english = ({ language }: Scenario) => language === "en";
/** A row is replaced by a newer one of the same model and design. */
const key = (row: string) => row.split("|").slice(1, 3).join("|");

export function rowOf({ model, design, judged }: { model: string; design: string; judged: readonly Judged[] }): string {
  const score = (of: (scenario: Scenario) => boolean) => {
    const part = judged.filter(({ scenario }) => of(scenario));
    return `${part.filter(({ right }) => right).length}/${part.length}`;
  };
  const sum = (of: (one: Judged) => number) => judged.reduce((total, one) => total + of(one), 0);
  const plain = judged
    .filter(({ scenario }) => english(scenario) && scenario.plain === true)
    .map(({ seconds }) => seconds);
  const missed = judged
    .filter(({ right, scenario }) => !right && english(scenario))
    .map(({ scenario }) => scenario.id.replace("en-", ""));
  const cells = [
    model,
    design,
    score(english),
    score((scenario) => english(scenario) && scenario.split === "dev"),
    score((scenario) => english(scenario) && scenario.split === "held-out"),
    score(({ language }) => language === "ru"),
    sum(({ talk }) => talk.malformed),
    sum(({ talk }) => talk.calls),
    Math.round(sum(({ seconds }) => seconds)),
    plain.length === 0 ? "–" : `${median(plain).toFixed(1)} s`,
    missed.join(" ") || "none",
  ];
  return `| ${cells.join(" | ")} |`;
}

/** The whole file, with fresh rows in place of older ones of the same model and design. */
export function mergeTable(before: string, fresh: readonly string[]): string {
  const replaced = new Set(fresh.map(key));
  const kept = before
    .split("\n")
    .filter((line) => line.startsWith("| ") && !line.startsWith("| model |") && !replaced.has(key(line)));
  return [
    "# eval",
    "",
    `Everyday scenarios of bench/eval through a real pool and worker, temperature 0, printed by \`npm run eval\`. Machine: ${os.cpus().length} cores, ${Math.round(os.totalmem() / 2 ** 30)} GiB.`,
    "",
    ...HEAD,
    ...[...kept, ...fresh].sort(),
    "",
  ].join("\n");
}
