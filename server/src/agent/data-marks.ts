/**
 * The marks around what tools and pages say. Only this file writes them: the same letters inside a page, a tool's
 * result or a person's message are broken up, so nothing read can close its mark or pretend to be a result.
 */

/** Longer observations are cut: a weak model loses the question behind them, and the prompt must fit. */
export const OBSERVATION_CHARS_MAX = 4_000;

/** What a tool said, as a turn the model reads. */
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

/** What a person says of themselves, told apart from what they ask. */
export function markAbout(text: string): string {
  return `<about>${text.replace(/<(?=\s*(?:\/\s*)?about\b)/giu, "‹")}</about>`;
}

/** Text that cannot be taken for a mark; everything else in it stays as it was. */
export function breakMarks(text: string): string {
  // The second blank space only after a slash: side by side, the two would try each way to share a long run of it.
  return text.replace(/<(?=\s*(?:\/\s*)?result\b)/giu, "‹");
}
