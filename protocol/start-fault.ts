/**
 * Formats for the log why a program could not start. A wrong set-up needs only the sentence; a stack of our own
 * files would hide it. A plain Error is one of ours, with words for a person; everything else keeps its stack.
 */
export function startFault(why: unknown): { facts: { err?: unknown }; words: string } {
  if (!(why instanceof Error)) return { facts: { err: why }, words: "the program could not go on" };
  const isOurs = Object.getPrototypeOf(why) === Error.prototype && !("code" in why);
  return { facts: isOurs ? {} : { err: why }, words: why.message };
}

/** Reads settings; what is wrong with them is reported in one message, and `end` ends the program. */
export function settingsOr<T>(end: (words: string) => never, read: () => T): T {
  try {
    return read();
  } catch (error) {
    return end(error instanceof Error ? error.message : String(error));
  }
}
