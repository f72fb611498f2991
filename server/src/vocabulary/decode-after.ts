/**
 * How token ids become text, token by token, without ever showing half a character.
 *
 * One letter may take several tokens. Until its last one has come the decoder gives U+FFFD at the end of the text;
 * those are held back and come out whole with a later token. Both sides of the wire do exactly this, so that the
 * server can compare a worker's ids with its text.
 */

/** Tokens of context enough to complete any character (4 bytes) and to know about spaces between words. */
export const TOKENS_OF_CONTEXT = 16;

/** The decoder of the whole list, control tokens left out. */
export type Detokenize = (tokens: readonly number[]) => string;

/** What `tokens` add to the text when they come after `before`; of `before` only the last tokens matter. */
export function decodeAfter(detokenize: Detokenize, before: readonly number[], tokens: readonly number[]): string {
  const context = before.slice(-TOKENS_OF_CONTEXT);
  const was = wholeCharacters(detokenize(context));
  const is = wholeCharacters(detokenize([...context, ...tokens]));
  return is.startsWith(was) ? is.slice(was.length) : is;
}

function wholeCharacters(text: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === "\uFFFD") end--;
  return text.slice(0, end);
}
