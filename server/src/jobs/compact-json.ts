/**
 * Removes the spaces between the parts of a JSON text, chunk by chunk. Engines given a schema write any number of them;
 * engines given our grammar, which allows none, could not continue after them.
 */

/** A position in a JSON text. */
export interface JsonPlace {
  readonly inString: boolean;
  /** Whether the previous character is a backslash that escapes the next. */
  readonly escaped: boolean;
}

export const JSON_START: JsonPlace = { inString: false, escaped: false };

const SPACES = new Set([" ", "\t", "\n", "\r"]);

/** Returns `added` without insignificant spaces when it follows a text that ends at `place`, and the new position. */
export function compactJson(added: string, place: JsonPlace): { text: string; place: JsonPlace } {
  let { inString, escaped } = place;
  let text = "";
  for (const character of added) {
    if (inString || !SPACES.has(character)) text += character;
    if (escaped) escaped = false;
    else if (inString && character === "\\") escaped = true;
    else if (character === '"') inString = !inString;
  }
  return { text, place: { inString, escaped } };
}
