/**
 * How a conversation becomes the text a model was trained on.
 *
 * A template's own markers are control pieces, what people, tools and models wrote are text pieces. Whoever
 * tokenises reads control pieces with special tokens on and text pieces with special tokens off: that is why
 * `<|im_end|>` typed by a person stays thirteen ordinary tokens and cannot open a system turn.
 */
import { z } from "zod";

export const Turn = z.strictObject({
  role: z.enum(["system", "user", "assistant"]),
  content: z.string(),
});
export type Turn = z.infer<typeof Turn>;

export const TemplateName = z.enum(["chatml", "llama3", "gemma"]);
export type TemplateName = z.infer<typeof TemplateName>;

/** One stretch of a prompt: `control` is tokenised with special tokens on, `text` with special tokens off. */
export type PromptPiece = { kind: "control" | "text"; value: string };

interface TemplateMarks {
  begin: string;
  open: Record<Turn["role"], string>;
  close: string;
}

const MARKS: Record<TemplateName, TemplateMarks> = {
  chatml: {
    begin: "",
    open: { system: "<|im_start|>system\n", user: "<|im_start|>user\n", assistant: "<|im_start|>assistant\n" },
    close: "<|im_end|>\n",
  },
  llama3: {
    begin: "<|begin_of_text|>",
    open: {
      system: "<|start_header_id|>system<|end_header_id|>\n\n",
      user: "<|start_header_id|>user<|end_header_id|>\n\n",
      assistant: "<|start_header_id|>assistant<|end_header_id|>\n\n",
    },
    close: "<|eot_id|>",
  },
  // Gemma has no system role; its instructions open the conversation as a user turn.
  gemma: {
    begin: "<bos>",
    open: {
      system: "<start_of_turn>user\n",
      user: "<start_of_turn>user\n",
      assistant: "<start_of_turn>model\n",
    },
    close: "<end_of_turn>\n",
  },
};

/** The prompt for the next assistant turn, ending in that turn's opening mark. */
export function renderPrompt(template: TemplateName, turns: readonly Turn[]): PromptPiece[] {
  const marks = MARKS[template];
  const pieces: PromptPiece[] = [];
  let control = marks.begin;
  for (const turn of turns) {
    control += marks.open[turn.role];
    pieces.push({ kind: "control", value: control }, { kind: "text", value: turn.content });
    control = marks.close;
  }
  pieces.push({ kind: "control", value: control + marks.open.assistant });
  return pieces.filter((piece) => piece.value !== "");
}
