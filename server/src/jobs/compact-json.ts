/**
 * Leaves out the spaces between the parts of a JSON text, piece by piece. Engines that are given a schema write as many
 * as they like; those that are given our grammar, which has none, could not go on after them.
 */

/** Where in a JSON text one stands. */
export interface JsonPlace {
  readonly inString: boolean;
  /** The next character belongs to the backslash before it. */
  readonly escaped: boolean;
}

export const JSON_START: JsonPlace = { inString: false, escaped: false };

const SPACES = new Set([" ", "\t", "\n", "\r"]);

/** `added` without the spaces that say nothing, when it follows a text that stands at `place`; and where it leads. */
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
