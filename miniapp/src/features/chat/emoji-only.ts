/** Up to three emoji and nothing else: those are shown large, as Telegram does. */
export function isEmojiOnly(text: string): boolean {
  // A family or a flag is one sign of up to a dozen code units.
  if (text.length > 60) return false;
  const signs = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment.trim()).filter(Boolean);
  return signs.length > 0 && signs.length <= 3 && signs.every((sign) => EMOJI.test(sign));
}

const EMOJI = /^(?:\p{Extended_Pictographic}|\p{Regional_Indicator})/u;
