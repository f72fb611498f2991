/** Whether a text is one to three emoji and nothing else, which is shown large, as in Telegram. */
export function isEmojiOnly(text: string): boolean {
  // One emoji, such as a family or a flag, takes up to a dozen code units.
  if (text.length > 60) return false;
  const signs = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment.trim()).filter(Boolean);
  return signs.length > 0 && signs.length <= 3 && signs.every((sign) => EMOJI.test(sign));
}

const EMOJI = /^(?:\p{Extended_Pictographic}|\p{Regional_Indicator})/u;
