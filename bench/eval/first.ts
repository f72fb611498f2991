/** Asks the real agent the first questions and reports the verdicts as a table. */
import { mkdir, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { Design } from "./design.ts";
import type { FirstQuestion } from "./first-question.ts";
import { judgeFirst } from "./judge-first.ts";
import type { Verdict } from "./judge-first.ts";

export interface FirstAnswer {
  question: FirstQuestion;
  answer: string;
  verdict: Verdict;
  seconds: number;
}

export async function askFirst(
  design: (language: string) => Design,
  questions: readonly FirstQuestion[],
): Promise<FirstAnswer[]> {
  const answers: FirstAnswer[] = [];
  for (const question of questions) {
    const began = performance.now();
    const { answer } = await design(question.language).converse([question.say]);
    const verdict = judgeFirst(question, answer);
    const seconds = (performance.now() - began) / 1000;
    answers.push({ question, answer, verdict, seconds });
    console.log(`${verdict.padEnd(8)} ${question.id.padEnd(15)} ${seconds.toFixed(0)} s  ${oneLine(answer)}`);
  }
  return answers;
}

/** `chips 8/8; of 40: 30 right, 4 modest, 5 wrong, 1 invented (dev 17/20, held-out 17/20)`. */
export function sumUp(answers: readonly FirstAnswer[]): string {
  const of = (split: FirstQuestion["split"]) => answers.filter(({ question }) => question.split === split);
  const good = (some: readonly FirstAnswer[]) => some.filter(({ verdict }) => isGood(verdict)).length;
  const asked = [...of("dev"), ...of("held-out")];
  const count = (verdict: Verdict) => asked.filter((one) => one.verdict === verdict).length;
  return [
    `chips ${good(of("chip"))}/${of("chip").length}; `,
    `of ${asked.length}: ${count("right")} right, ${count("modest")} modest, ${count("wrong")} wrong, ${count("invented")} invented `,
    `(tuned ${good(of("dev"))}/${of("dev").length}, held out ${good(of("held-out"))}/${of("held-out").length})`,
  ].join("");
}

export async function writeFirst(model: string, answers: readonly FirstAnswer[]): Promise<void> {
  const rows = answers.map(
    ({ question, answer, verdict }) =>
      `| ${question.id} | ${question.split} | ${cell(question.say)} | ${verdict} | ${cell(oneLine(answer))} |`,
  );
  const text = [
    "# first",
    "",
    `First questions of newcomers to ${model} through the real agent, temperature 0, printed by \`npm run eval -- first\`. Machine: ${os.cpus().length} cores, ${Math.round(os.totalmem() / 2 ** 30)} GiB.`,
    "",
    `**${sumUp(answers)}**`,
    "",
    "| id | split | question | verdict | answer |",
    "|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
  const file = path.join(import.meta.dirname, "../results/first.md");
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
}

const isGood = (verdict: Verdict) => verdict === "right" || verdict === "modest";
const oneLine = (text: string) => text.replaceAll(/\s+/gu, " ").slice(0, 160);
const cell = (text: string) => text.replaceAll("|", "\\|");
