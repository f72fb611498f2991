/**
 * Emits a step's thought and answer while its JSON is still being written, with the same characters as the stored row.
 */
import { storable } from "../db/storable.ts";
import { JsonReader } from "../grammar/json-reader.ts";
import { ASK_USER, FINAL_ANSWER } from "./step-format.ts";
import type { OfferedTool } from "./step-format.ts";

export interface StepHearer {
  thought(delta: string): void;
  /** The tool is chosen; its arguments are not written yet. */
  tool(name: string): void;
  answering(): void;
  /** Characters of the answer, or of the question to the person. */
  answer(delta: string): void;
}

/** A reader for one step; push its text in pieces. @throws JsonFault at the first character that is not JSON */
export function stepReader(tools: readonly OfferedTool[], hearer: StepHearer): JsonReader {
  const said = (name: string) => ({
    path: ["action", name],
    start: () => hearer.answering(),
    text: (delta: string) => hearer.answer(storable(delta)),
  });
  return new JsonReader([
    { path: ["thought"], text: (delta) => hearer.thought(storable(delta)) },
    said(FINAL_ANSWER),
    said(ASK_USER),
    ...tools.map(({ name }) => ({ path: ["action", name], start: () => hearer.tool(name) })),
  ]);
}
