/** Reads a small JSON object of strings and whole numbers that somebody else wrote. */

/** Longest accepted text, characters. */
export const JSON_CHARS_MAX = 1_000;

export interface JsonFields {
  /** @throws with the field's name when it is not a string of this form. */
  text(name: string, form: RegExp): string;
  /** @throws with the field's name when it is not a whole number. */
  whole(name: string): number;
}

/** `what` is the noun in error messages. Null when the text is no JSON object, or too long for one. */
export function jsonFields(what: string, text: string): JsonFields | null {
  const json = text.length > JSON_CHARS_MAX ? null : parsed(text);
  if (typeof json !== "object" || json === null) return null;
  const fields = json as Record<string, unknown>;
  return {
    text(name, form) {
      const value = fields[name];
      if (typeof value !== "string" || !form.test(value)) throw new Error(`The ${what}'s ${name} is malformed.`);
      return value;
    },
    whole(name) {
      const value = fields[name];
      if (!Number.isSafeInteger(value)) throw new Error(`The ${what}'s ${name} is not a whole number.`);
      return value as number;
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
