/**
 * The marks around the output of tools and pages. Only this file writes them: the same letters inside a page, a tool's
 * result or a person's message are broken up, so nothing read can close its mark or pretend to be a result.
 */

/** Longer observations are cut: a weak model loses the question behind them, and the prompt must fit. */
export const OBSERVATION_CHARS_MAX = 4_000;

/** A tool's result, as a turn the model reads. */
export function markResult(tool: string, observation: { ok: boolean; text: string }): string {
  const cut =
    observation.text.length > OBSERVATION_CHARS_MAX
      ? `${observation.text.slice(0, OBSERVATION_CHARS_MAX)}…`
      : observation.text;
  // The words are for models that do not look at attributes and take any result for a success.
  return observation.ok
    ? `<result tool="${tool}">${breakMarks(cut)}</result>`
    : `<result tool="${tool}" failed="yes">No result. ${breakMarks(cut)}</result>`;
}

/** A person's description of themselves, marked to separate it from the question. */
export function markAbout(text: string): string {
  return `<about>${text.replace(/<(?=\s*(?:\/\s*)?about\b)/giu, "‹")}</about>`;
}

/** Breaks up text that could be taken for a mark; leaves everything else as it was. */
export function breakMarks(text: string): string {
  // The second blank space is only after a slash: two adjacent ones would backtrack over a long run of it.
  return text.replace(/<(?=\s*(?:\/\s*)?result\b)/giu, "‹");
}
