/**
 * Writes a lease's answer without an engine: always the same text for the same question, in the requested form,
 * continuing the committed text. So an answer can be compared with the undisturbed one.
 */
import { createHash } from "node:crypto";
import type { Lease } from "@starai/protocol/worker-frames";
import { writeDecision } from "@starai/server/agent/step-format";
import { sampleGbnf, seededRandom } from "@starai/server/grammar/gbnf-sampler";

export const QUESTION = /Question \d+ of seed \d+/;
const WORDS = "a machine that nobody knows wrote these words and another one may finish them in time".split(" ");
const WORDS_MIN = 12;
const WORDS_MORE = 40;
/** The sampler takes the shortest way to the end of a form after this many characters. */
const FORM_CHARS = 80;
/** The sampler writes ASCII for numbers below 0.9, and machines here have tokens for ASCII only. */
const ASCII_ONLY = 0.9;

/** The text still to be written; null when the committed text cannot begin the form, which an engine refuses too. */
export function writeRest({ turns, constraint, committed }: Lease): string | null {
  const question = questionIn(turns.findLast(({ role }) => role === "user")?.content ?? "");
  const whole = constraint ? inForm(question, constraint.gbnf, "") : sentence(question);
  if (whole?.startsWith(committed.text)) return whole.slice(committed.text.length);
  return constraint ? inForm(question, constraint.gbnf, committed.text) : ` ${sentence(question)}`;
}

function inForm(question: string, gbnf: string, after: string): string | null {
  if (after === "" && gbnf.includes("final_answer"))
    return writeDecision({ thought: "", action: { kind: "final_answer", text: sentence(question) } });
  const random = seededRandom(seedOf(question));
  return sampleGbnf(gbnf, { charsMax: FORM_CHARS, random: () => random() * ASCII_ONLY, after });
}

function sentence(question: string): string {
  const random = seededRandom(seedOf(question));
  const count = WORDS_MIN + Math.floor(random() * WORDS_MORE);
  return Array.from({ length: count }, () => WORDS[Math.floor(random() * WORDS.length)]).join(" ");
}

/** The question within the turn; the text the agent adds around it may change with the time of day. */
function questionIn(turn: string): string {
  return QUESTION.exec(turn)?.[0] ?? turn;
}

function seedOf(question: string): number {
  return createHash("sha256").update(question).digest().readUInt32LE(0);
}
