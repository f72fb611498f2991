/**
 * Makes Telegram's themes readable. Its own defaults are not (hint #999999 on white is 2.8 : 1), and people make their
 * own; so each text colour is moved towards black or white just as far as its background needs.
 */
import { contrast, hexOf, mix, rgbOf } from "./colour.ts";
import type { Rgb } from "./colour.ts";

export type Theme = Partial<Record<string, string>>;

const CONTRAST_MIN = 4.5;
/** The largest share of the text's colour in tinted backgrounds: fields, code, pressed rows. */
const TINT = 0.08;
const BLACK: Rgb = [0, 0, 0];
const WHITE: Rgb = [255, 255, 255];

const GROUNDS = ["bg_color", "secondary_bg_color", "section_bg_color"];
const WORDS = [
  "hint_color",
  "subtitle_text_color",
  "section_header_text_color",
  "link_color",
  "accent_text_color",
  "destructive_text_color",
];

/** Maps colours under Telegram's names (`bg_color`, …) to readable ones as `#rrggbb`; invalid colours are left out. */
export function readableTheme(theme: Theme): Record<string, string> {
  const colours = new Map<string, Rgb>();
  for (const [name, value] of Object.entries(theme)) {
    const colour = value === undefined ? null : rgbOf(value);
    if (colour) colours.set(name, colour);
  }
  const grounds = GROUNDS.flatMap((name) => {
    const ground = colours.get(name);
    return ground ? [ground] : [];
  });
  const text = colours.get("text_color");
  if (grounds.length > 0 && text) {
    const strong = readableOn(text, grounds);
    colours.set("text_color", strong);
    const tinted = [...grounds, ...grounds.map((ground) => mix(strong, ground, TINT))];
    for (const name of WORDS) {
      const colour = colours.get(name);
      if (colour) colours.set(name, readableOn(colour, tinted));
    }
  }
  const button = colours.get("button_color");
  const label = colours.get("button_text_color");
  // A button's own colour is moved, not its label's: a white label on pale blue would be unreadable.
  if (button && label) colours.set("button_color", readableOn(button, [label]));
  return Object.fromEntries([...colours].map(([name, colour]) => [name, hexOf(colour)]));
}

/** The nearest colour towards black or white that is readable on every background; the better of both if none is. */
function readableOn(colour: Rgb, grounds: Rgb[]): Rgb {
  const worst = (candidate: Rgb) => Math.min(...grounds.map((ground) => contrast(candidate, ground)));
  const end = worst(BLACK) >= worst(WHITE) ? BLACK : WHITE;
  for (let share = 0; share < 1; share += 0.05) {
    // Rounded first, so that the checked colour is the one that will be shown.
    const candidate = rgbOf(hexOf(mix(end, colour, share))) ?? colour;
    if (worst(candidate) >= CONTRAST_MIN) return candidate;
  }
  return end;
}
