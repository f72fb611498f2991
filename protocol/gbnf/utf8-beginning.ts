/** Which characters begin with given bytes of UTF-8. */

const [SURROGATE_FIRST, SURROGATE_LAST] = [0xd800, 0xdfff];
/** The least code point written with 1, 2, 3 and 4 bytes; what is less is written with fewer. */
const LEAST = [0, 0x80, 0x800, 0x10000];
const MOST = 0x10ffff;

/** First and last code point whose UTF-8 begins with these bytes; null when there is none. */
export function utf8Beginning(bytes: Uint8Array): readonly [number, number] | null {
  const [lead = 0xff, ...following] = bytes;
  const size = lead < 0x80 ? 1 : lead < 0xc0 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf8 ? 4 : 0;
  if (size === 0 || bytes.length > size || following.some((byte) => byte >> 6 !== 0b10)) return null;
  const open = 6 * (size - bytes.length);
  const start = size === 1 ? lead : lead & (0x7f >> size);
  const known = following.reduce((code, byte) => (code << 6) | (byte & 0x3f), start);
  const from = Math.max(LEAST[size - 1]!, known << open);
  const to = Math.min(MOST, ((known + 1) << open) - 1);
  // Surrogates are no characters; they are the end of what begins with 0xED.
  const last = from < SURROGATE_FIRST && to === SURROGATE_LAST ? SURROGATE_FIRST - 1 : to;
  return from > last || (from >= SURROGATE_FIRST && from <= SURROGATE_LAST) ? null : [from, last];
}
